"""Documents of tables: ruled and not, with spanning heads, row groups and pages that go on."""
