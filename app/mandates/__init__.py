"""Leave to debit a customer's account: registered before the payout, given up at the end."""
