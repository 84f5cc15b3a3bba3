"""Commands on figures: publishing them."""
