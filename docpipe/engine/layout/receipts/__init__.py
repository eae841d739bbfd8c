"""Items of a receipt, which has no header."""
