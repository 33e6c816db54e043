"""What SmartAccounts really booked, in euros: its ledger held against what was planned."""
