"""Pages as a scanner, a camera or a fax sees them, their values' boxes moved with them."""
