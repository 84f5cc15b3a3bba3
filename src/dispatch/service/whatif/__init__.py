"""What if: a period of the log decided anew under other limits or in another mode, beside what was."""
