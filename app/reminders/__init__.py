"""Messages that staff plan for a customer at a time."""
