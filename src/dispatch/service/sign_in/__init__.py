"""Signing in: passwords, sessions and guesses. What must not be in the log for ever is kept here."""
