"""What stands on a page and where: boxes, and words gathered into lines."""
