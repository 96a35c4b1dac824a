"""Messages to all who are on a list, so many a minute, until somebody stops them."""
