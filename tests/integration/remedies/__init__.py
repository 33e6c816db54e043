"""Every remedy that a sentence offers, followed in the simulators: the document goes through, or goes away."""
