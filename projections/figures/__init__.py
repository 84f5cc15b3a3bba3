"""The figures of DOMAIN.md: what each is a share of, and how the sets are counted, live and in the past."""
