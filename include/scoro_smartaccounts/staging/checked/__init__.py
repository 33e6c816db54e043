"""The batch of a run that is judged: temporary tables, which the rules of `quality` look at."""
