"""Which record of one side is which of the other: what is certain is linked, the rest asks a person."""
