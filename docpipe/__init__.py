"""docpipe: documents in, typed and checked Parquet out."""

__version__ = "0.1.0"
