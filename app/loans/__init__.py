"""Loans: applied for, found, listed, and the one way in which their state changes."""
