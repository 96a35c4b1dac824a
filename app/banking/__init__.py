"""Bank data of an applicant: statements that are sent, the Account Aggregator, one analysis of both."""
