"""For the rooms that still ask here: see `smartaccounts.marker`."""

from scoro_smartaccounts.smartaccounts.marker import marked_id as marked_id
from scoro_smartaccounts.smartaccounts.marker import marker as marker
from scoro_smartaccounts.smartaccounts.marker import markers_of as markers_of
