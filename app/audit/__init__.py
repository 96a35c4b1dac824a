"""The audit trail: found by staff, told to customers, its chain of seals checked."""
