"""Images to pages."""
