"""The labelled set that the matching of partners and articles is measured on. It shares no code with the matcher."""
