# The same locked packages that the tests run with. apache/airflow would bring its own set, to be overwritten.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt ./
RUN pip install --only-binary :all: --no-deps -r requirements.txt
COPY pyproject.toml LICENSE ./
COPY include/scoro_smartaccounts include/scoro_smartaccounts
RUN pip install --no-deps . && pip uninstall --yes pip setuptools

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 50000 airflow \
    && useradd --uid 50000 --gid airflow --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin airflow \
    && install --directory --owner=airflow --group=airflow /opt/airflow /opt/airflow/logs /opt/airflow/output \
    && pip uninstall --yes pip setuptools wheel
COPY --from=build /opt/venv /opt/venv
COPY dags /opt/airflow/dags
COPY plugins /opt/airflow/plugins
COPY include/companies /opt/airflow/include/companies
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    SCORO_SMARTACCOUNTS_COMPANIES=/opt/airflow/include/companies
USER airflow
WORKDIR /opt/airflow
CMD ["airflow", "version"]
