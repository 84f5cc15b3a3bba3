"""The Merkle tree over the log (RFC 9162): what makes a change to any event show."""
