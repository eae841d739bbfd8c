"""Forms: printed captions, fields of several makes, tick boxes; filled in by type, by hand or not at all."""
