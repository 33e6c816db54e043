"""The list that the accountant reads before anything is booked: every document of a run, with what will come of it."""
