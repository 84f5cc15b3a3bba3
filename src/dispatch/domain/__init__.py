"""What is true of the town, of tasks and of cases: facts, states and rules without I/O or clock."""
