"""The base model: fetched, looked at before anything loads it, loaded with Unsloth's MLX engine."""
