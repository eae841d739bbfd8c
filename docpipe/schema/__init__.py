"""A schema file or pydantic class becomes one `Schema`: what every later stage reads fields from."""
