"""Typed Parquet tables that are their own ledger: `commit` writes them, `ledger` and `read` read them."""
