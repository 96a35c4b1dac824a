"""Which rules decide in a brand: drafts, trials, backtests, publishing, challengers."""
