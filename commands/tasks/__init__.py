"""Tasks: what the centre may ask of the grids, and the grids of the centre."""
