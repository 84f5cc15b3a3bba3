"""What may be asked of the service: one small module per command."""
