"""Who the customer is: PAN, Aadhaar by several ways, employment, bank account, UPI id, step by step."""
