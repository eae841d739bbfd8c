"""Schemas proposed from what documents print: labels for fields that have none, and whole drafts."""
