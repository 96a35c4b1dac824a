"""What is said to customers and staff: templates, gates, sending, receipts, answers, the portal's stream."""
