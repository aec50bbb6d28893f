"""Training, and what a training leaves behind: its history, its weights, and which paths taught them."""
