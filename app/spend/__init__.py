"""What advertising costs: told by day, source and campaign, one by one or by files; corrected, taken back."""
