"""What an auditor asks: the log event by event with who did it, and any read model as it stood then."""
