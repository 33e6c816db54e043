"""`reconcile_ids` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.reconcile_ids import define_dags

define_dags()
