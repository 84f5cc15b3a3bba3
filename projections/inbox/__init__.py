"""Inboxes: which notifications the log gives to whom, what of them has been read, and how they are put."""
