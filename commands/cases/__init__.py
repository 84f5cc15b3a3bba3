"""Cases: what the grids, the residents and the centre may ask about what was reported."""
