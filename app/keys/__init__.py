"""Data keys and lookup keys: rotated, and old values brought under the new ones."""
