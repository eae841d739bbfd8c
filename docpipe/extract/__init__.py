"""The life of a document, from its bytes to an Outcome."""
