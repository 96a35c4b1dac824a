"""What all domains share: brand scope, identity, transactions, outbox, state tables, audit, keys, errors."""
