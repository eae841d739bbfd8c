"""Input fields, checkboxes and their keys."""
