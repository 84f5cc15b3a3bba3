"""Policies: what a town or county sets for itself."""
