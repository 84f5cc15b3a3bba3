"""The outbox: notifications on their way out of the service, each at least once and none from the past."""
