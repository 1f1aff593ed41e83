# PostgreSQL with pg_cron, which runs the jobs of app.jobs, and with what makes JSON lines of its log.
# pg_stat_statements is in the image already.
FROM postgres:18.1-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-18-cron python3 \
    && rm -rf /var/lib/apt/lists/*
COPY stack /opt/vetline/stack
COPY api-extensions /opt/vetline/api-extensions
ENV PYTHONPATH=/opt/vetline:/opt/vetline/api-extensions \
    PYTHONDONTWRITEBYTECODE=1
USER postgres
