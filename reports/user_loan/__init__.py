"""Reports on customers and their loans."""
