"""Personal data in the log: sealed in the event, under a key that can be destroyed."""
