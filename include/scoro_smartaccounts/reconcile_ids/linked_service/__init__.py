"""The columns `Liidetud teenus` and `Liidetud teenuse ID` of CSV files that SmartAccounts exports and imports.

The interface of SmartAccounts shows no id of another system, but its files do. Links come in and go out with them.
"""
