"""Payments of SmartAccounts → Scoro: what was paid of the documents that came from there."""
