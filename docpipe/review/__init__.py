"""What a person says about the records: corrections, read and applied."""
