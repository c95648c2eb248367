"""What is done with a base model and a sealed adapter outside training: answers and the merge."""
