"""Commands on recurring plans."""
