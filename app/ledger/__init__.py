"""What was booked and what is owed: events of a loan, replayed; double entries that follow from them."""
