"""The composition root: HTTP, accounts, timers and everything that runs."""
