"""Who a document is from and to: blocks of names and addresses."""
