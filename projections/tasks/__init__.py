"""Tasks as rows, the sets that each belongs to, and their lists."""
