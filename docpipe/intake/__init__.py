"""What there is to read: inputs found, opened and hashed. Nothing here decodes anything."""
