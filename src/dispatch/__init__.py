"""Dispatch for grid governance: the service, its domain and its log."""
