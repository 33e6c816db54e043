# The same locked packages that the tests run with. apache/airflow would bring its own set, to be overwritten.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt requirements-build.txt ./
RUN pip install --require-hashes --only-binary :all: --no-deps -r requirements.txt -r requirements-build.txt
COPY pyproject.toml LICENSE ./
COPY include/scoro_smartaccounts include/scoro_smartaccounts
RUN pip install --no-deps --no-build-isolation . && pip uninstall --yes uv setuptools pip

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
    # Airflow writes one at its start, with the secrets of its environment: in memory only.
    AIRFLOW_CONFIG=/tmp/airflow.cfg \
    SCORO_SMARTACCOUNTS_COMPANIES=/opt/airflow/include/companies
USER airflow
WORKDIR /opt/airflow
CMD ["airflow", "version"]
