"""Taking a run back: what of it can be deleted again, and deleting it once a person approved the plan."""
