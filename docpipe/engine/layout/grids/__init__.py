"""Tables of any kind, cell by cell: for arrays of the role "tables"."""
