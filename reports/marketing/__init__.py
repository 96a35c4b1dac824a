"""Reports on leads: where they came from and how far they came."""
