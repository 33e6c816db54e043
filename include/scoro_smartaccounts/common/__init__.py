"""The ground: values, words, errors, the company file, what a run is. No input or output but the company file."""
