"""From Scoro to raw staging: everything that concerns a run, complete and each thing once."""
