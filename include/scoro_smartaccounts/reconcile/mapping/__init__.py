"""Mapping coverage: what Scoro's documents use, against the company file and SmartAccounts' settings."""
