"""`export_payments` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.export_payments import define_dags

define_dags()
