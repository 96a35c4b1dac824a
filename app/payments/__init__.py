"""Money that comes in: links, mandates' debits, transfers, suspense, refunds, disputes, reconciling."""
