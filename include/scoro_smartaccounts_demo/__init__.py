"""Everything on one machine: PostgreSQL, both simulators and Airflow as child processes, on 127.0.0.1 only."""
