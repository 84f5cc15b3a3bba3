"""What is known: pure folds of the log into rows, and the questions asked of them."""
