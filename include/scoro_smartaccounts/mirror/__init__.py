"""What SmartAccounts holds, mirrored in staging: registers, documents by days, payments."""
