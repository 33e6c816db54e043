"""Documents, partners and products → what SmartAccounts takes. Pure: no clock, no network, no database."""
