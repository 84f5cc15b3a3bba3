"""Inboxes: what has been read."""
