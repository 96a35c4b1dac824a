"""What staff are told: in the portal as it comes, and by mail."""
