"""What was charged, paid and given up on a loan and what is left: data, CSV and PDF."""
