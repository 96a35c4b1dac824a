"""Bank data by the Account Aggregator: consents, what it calls, the data that it fetches."""
