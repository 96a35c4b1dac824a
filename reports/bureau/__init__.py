"""Reports on the accounts of our customers, for the credit bureaus."""
