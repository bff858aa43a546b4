"""Pictures, each a file: read by Pillow, brought to the size of a front end, looked at before training."""
