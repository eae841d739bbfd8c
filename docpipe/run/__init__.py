"""A whole run: what there is to do, who does it, what is committed, what is shown."""
