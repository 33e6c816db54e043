"""The daily audit: whether the two systems still agree on what was imported."""
