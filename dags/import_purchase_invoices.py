"""`import_purchase_invoices` of every company. Airflow reads only files in which its name and the word DAG stand."""

from scoro_smartaccounts.dags.import_purchase_invoices import define_dags

define_dags()
