"""Closing a day: charges, class and provision of each open loan, and how it stood."""
