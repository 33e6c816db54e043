"""`watch_runs` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.watch_runs import define_dags

define_dags()
