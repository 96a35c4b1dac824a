"""What customers want to hear, how they stop it, and what they write to the brand."""
