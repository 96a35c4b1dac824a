"""Customers: their profile, what was verified of them, and finding them by what is sealed."""
