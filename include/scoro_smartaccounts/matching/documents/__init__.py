"""Invoices and bills: which SmartAccounts holds already, was left behind or deleted."""
