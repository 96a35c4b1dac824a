"""Calls to customers through the dialer: placed, received, heard, recorded."""
