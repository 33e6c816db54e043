"""What the exit code of a command says."""

NOT_DONE = 1
WRONG = 2

# For people; `docs/commands.md` says the same.
EXIT_CODES = (
    "Exit codes: 0 done; 1 something that was asked for was not found, not done or has failed; 2 wrong usage or"
    " configuration; 130 interrupted."
)
