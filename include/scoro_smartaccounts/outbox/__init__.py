"""Once, whatever breaks: intents, what became of a lost answer, and what was booked against what was planned."""
