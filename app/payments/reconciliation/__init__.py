"""What the gateways settled against what we booked: differences, resolved, and what they told and we refused."""
