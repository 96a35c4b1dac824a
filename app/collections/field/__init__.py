"""Work in the field: visits to customers, and tracing those who cannot be reached."""
