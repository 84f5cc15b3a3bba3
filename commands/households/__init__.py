"""Commands on the households that are visited."""
