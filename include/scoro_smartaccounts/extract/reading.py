"""Single records of Scoro by id: many at once where its filter on ids works, else one by one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
