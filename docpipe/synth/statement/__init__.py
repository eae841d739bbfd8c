"""Bank statements of one to some eighty pages, each row with a serial."""
