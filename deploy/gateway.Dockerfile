# nginx with the same configuration as everywhere, and the pages that it serves by itself (/docs, /openapi.json).
FROM node:22-trixie-slim AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim-trixie AS site
WORKDIR /build
COPY requirements-dev.lock .
# The one package that building the pages needs, with the hashes that are locked.
RUN awk '/^[^ ]/ { keep = /^pyyaml==/ } keep' requirements-dev.lock > pyyaml.lock
RUN pip install --no-cache-dir --require-hashes --requirement pyyaml.lock
COPY --from=packages /build/node_modules node_modules
COPY db db
COPY docs docs
COPY gateway gateway
COPY api-extensions api-extensions
RUN python -m gateway.site /site

FROM nginx:1.28.0
RUN apt-get update && apt-get install --yes --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
COPY stack /opt/vetline/stack
COPY api-extensions /opt/vetline/api-extensions
COPY gateway /opt/vetline/gateway
COPY deploy/gateway.sh /opt/vetline/gateway.sh
COPY --from=site /site /opt/vetline/site
ENV PYTHONPATH=/opt/vetline:/opt/vetline/api-extensions \
    PYTHONDONTWRITEBYTECODE=1
USER nginx
# nginx can't write its errors as JSON.
ENTRYPOINT ["python3", "-S", "-m", "stack.json_log", "gateway"]
CMD ["sh", "/opt/vetline/gateway.sh"]
