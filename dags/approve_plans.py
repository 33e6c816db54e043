"""`approve_plans` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.approve_plans import define_dags

define_dags()
