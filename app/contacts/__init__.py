"""Whether a customer may be contacted about a debt now: one gate for calls, visits and messages."""
