# What runs in Python: the sidecar, its workers, the job runner, migrations and the other one-shot steps. The target
# `postgrest` adds PostgREST, whose own image has no shell, and here has its log made JSON; `tools` adds PostgreSQL's own
# programs, for backups.
FROM python:3.13-slim-trixie AS packages
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /opt/venv
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock

FROM python:3.13-slim-trixie AS runtime
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/vetline
COPY api-extensions api-extensions
COPY db db
COPY migrations migrations
COPY stack stack
# A volume that is mounted here belongs to whom the directory belongs to.
RUN install --directory --owner=10001 --group=10001 /keys
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/vetline:/opt/vetline/api-extensions \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
CMD ["python", "-m", "api_extensions"]

FROM runtime AS postgrest
# One static program (for x86-64).
COPY --from=postgrest/postgrest:v14.17 /bin/postgrest /usr/local/bin/postgrest
ENTRYPOINT ["python", "-S", "-m", "stack.json_log", "postgrest"]
CMD ["postgrest", "/etc/postgrest.conf"]

FROM postgres:18.1-trixie AS tools
RUN apt-get update && apt-get install --yes --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
COPY --from=runtime /opt /opt
ENV PYTHONPATH=/opt/vetline:/opt/vetline/api-extensions:/opt/venv/lib/python3.13/site-packages \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/vetline
USER 10001:10001
ENTRYPOINT []
CMD ["python3", "-m", "db.backup", "--help"]
