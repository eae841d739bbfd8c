"""Scans to words."""
