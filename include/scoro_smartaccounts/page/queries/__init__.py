"""What the screens show, gathered from staging; knows neither Airflow nor the web."""
