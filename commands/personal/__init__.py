"""Personal data: shown to who needs it, found by telephone, and erased; each time on record."""
