"""Disputes: from the number in the ledger, through mediation, to being struck off."""
