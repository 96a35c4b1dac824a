"""Reports on money that comes back."""
