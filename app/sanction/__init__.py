"""People who decide: the executive recommends, managers and heads sanction, and what they offer."""
