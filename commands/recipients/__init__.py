"""Recipients: the channels by which notifications are sent to people outside of the service."""
