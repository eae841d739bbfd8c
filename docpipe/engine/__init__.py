"""Engines read pages under a schema. `base` is the seam; each engine lives in a room of its own."""
