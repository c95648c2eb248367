"""From the person's file to rows, labels and the batch plan on disk; nothing here loads a model's weights."""
