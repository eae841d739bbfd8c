"""Charts of eight types, drawn as vectors: the truth is the data they were drawn from."""
