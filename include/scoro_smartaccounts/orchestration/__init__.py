"""What Airflow needs to know of the pipeline. The only room that imports Airflow."""
