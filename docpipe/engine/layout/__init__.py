"""The embedded engine: reads words and lines on a page by their layout, with no model weights."""
