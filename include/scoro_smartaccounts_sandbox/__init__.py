"""Simulators of both services, for the demo and the tests."""
