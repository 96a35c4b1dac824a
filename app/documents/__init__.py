"""Papers: uploaded ones that are reviewed, and those that we make of a loan."""
