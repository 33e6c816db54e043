"""What the company file maps: what the documents of Scoro use, against it and the settings of SmartAccounts."""
