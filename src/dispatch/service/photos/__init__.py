"""Photos of what is reported and done: kept outside the log, which names them by their SHA-256."""
