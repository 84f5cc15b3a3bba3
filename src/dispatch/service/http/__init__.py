"""The HTTP API under /api/v1: routes build commands and questions, everything else stands elsewhere."""
