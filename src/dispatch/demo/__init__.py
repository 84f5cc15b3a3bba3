"""The demonstration: a town's whole year through the running service, beside what the town published."""
