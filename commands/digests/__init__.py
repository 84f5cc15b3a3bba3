"""Commands about the digest of a day."""
