"""Money that waits for somebody to say what it is for: placed on a loan, or refunded."""
