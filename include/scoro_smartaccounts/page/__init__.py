"""The page inside Airflow: what happened to each document, what waits for a person, and the import by hand."""
