"""What SmartAccounts speaks: client, signature, wire format."""
