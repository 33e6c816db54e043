"""Scoro to SmartAccounts: documents extracted, checked, reconciled, planned and booked once."""
