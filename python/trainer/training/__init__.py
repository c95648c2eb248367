"""The loop, its optimizer and its sealed checkpoints: all that a killed night goes on from."""
