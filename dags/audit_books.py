"""`audit_books` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.audit_books import define_dags

define_dags()
