# PostgreSQL with pg_cron, which runs the jobs of app.jobs; pg_stat_statements is in the image already.
FROM postgres:18.1-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-18-cron \
    && rm -rf /var/lib/apt/lists/*
USER postgres
