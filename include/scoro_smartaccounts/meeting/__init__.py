"""Meeting the two services: what they are assumed to do is held against what they show, before anything is written."""
