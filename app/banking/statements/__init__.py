"""Bank statements as files: taken in, read by us, and where we cannot by the brand's analyser."""
