"""Commands about the checkpoints of the log."""
