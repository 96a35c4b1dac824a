"""Every call to a provider: how well they answer, what they cost."""
