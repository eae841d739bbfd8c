"""The keys of a page: which printed text names a field of the schema."""
