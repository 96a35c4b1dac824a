"""Payments that are taken back: returned, posted wrongly or disputed by whoever paid."""
