"""The tests: by kind of test, then by part of the service."""
