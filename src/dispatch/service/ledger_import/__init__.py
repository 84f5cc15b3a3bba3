"""Taking an existing ledger, a CSV file, into the log as cases with their true dates."""
