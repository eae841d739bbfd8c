"""How right a record is, field by field, against labelled truth."""
