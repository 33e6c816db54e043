"""The staging database: tables, migrations, locks, set-based reads and writes."""
