#!/bin/bash
# Run once by the PostgreSQL image over an empty data folder: one role and one database each for Airflow and for
# the staging data. Neither role is a superuser.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
    -v airflow_password="$AIRFLOW_DB_PASSWORD" -v staging_password="$STAGING_DB_PASSWORD" <<'SQL'
create role airflow login password :'airflow_password';
create database airflow owner airflow;
create role staging login password :'staging_password';
create database staging owner staging;
revoke connect on database airflow, staging from public;
SQL
