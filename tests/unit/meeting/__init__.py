"""Room meeting."""
