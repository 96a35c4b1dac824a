"""What a Super Admin does above the brands: make one, see how all stand, be at work in one for a while."""
