"""From an engine's text to a record that can be believed: pure functions, no I/O, no torch, no ray."""
