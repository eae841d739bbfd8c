"""Which candidate is chosen, and how sure it is."""
