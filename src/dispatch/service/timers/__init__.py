"""Timers: what is due is read from the read models, and only the waking up is left to a scheduler."""
