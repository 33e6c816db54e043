"""`undo_import` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.undo_import import define_dags

define_dags()
