"""Commands on the mode: entering and leaving an emergency."""
