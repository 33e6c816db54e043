"""Staging → SmartAccounts: every record created once, whatever is killed, lost or late."""
