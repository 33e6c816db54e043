"""Where what comes from outside becomes ours or is refused: requests, answers, errors of others, secrets in texts."""
