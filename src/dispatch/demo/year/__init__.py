"""The plan of the year: who does what when, the same for the same seed."""
