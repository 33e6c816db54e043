"""`python -m scoro_smartaccounts.cli`: the same as `scoro-smartaccounts`."""

import sys

from scoro_smartaccounts.cli.application import main

sys.exit(main())
