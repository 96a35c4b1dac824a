"""Bureau reports: bought with the customer's consent, kept as they came, read into features."""
