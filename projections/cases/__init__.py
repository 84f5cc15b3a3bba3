"""Cases as rows, the sets that each belongs to, and their lists; disputes and permits are cases."""
