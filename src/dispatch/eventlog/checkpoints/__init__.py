"""Checkpoints: signed heads of the tree, kept where whoever changes the database can't reach them."""
