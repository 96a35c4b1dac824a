"""Customers sign in: a code to their phone, sessions whose refresh token works once."""
