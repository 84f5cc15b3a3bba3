"""What may be asked of the read models, of now and of any past moment."""
