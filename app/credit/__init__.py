"""The decision: features gathered, the brand's rules run, a record that explains and can be replayed."""
