"""The command line `scoro-smartaccounts`.

`commands` declares what there is to ask for, and is quick to import, for the shell's completion; `documents` and
`links` answer it. A new command is a function in `commands` that is named in its `COMMANDS`, and one elsewhere that
gives a `CommandResult`.
"""

from scoro_smartaccounts.cli.application import main

__all__ = ["main"]
