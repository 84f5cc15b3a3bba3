"""The projection engine: folds the log into keyed rows, live, rebuilt, and as of any past moment."""
