"""Values of single fields: around keys, and without any."""
