"""What makes the service run anywhere with only Python: its environment, its own servers, its processes."""
