"""Where customers come from: visits, devices, what brought each first and last, affiliates."""
