"""The log as a bundle of files that anybody can verify without us."""
