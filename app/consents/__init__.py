"""What customers agreed to: the words that they were shown, given and taken back, live or not."""
