#!/bin/sh
# Fills in gateway/nginx.conf.template, as the launcher does in development, and becomes nginx.
set -eu

names='GATEWAY_DIR POSTGREST_UPSTREAM SIDECAR_UPSTREAM LISTEN SITE_DIR RUN_DIR LOG_DIR PUBLIC_BASE_URL CORS_ORIGINS'
for name in $names; do
	eval "value=\${$name?$name is not set}"
done

mkdir -p "$RUN_DIR/network"
{
	# Replicas come and go: their addresses are asked for again and again.
	[ -z "${RESOLVER:-}" ] || echo "resolver $RESOLVER valid=5s ipv6=off;"
	# Behind another proxy all callers would share one address, and so one rate limit.
	for proxy in ${TRUSTED_PROXIES:-}; do
		echo "set_real_ip_from $proxy;"
	done
	[ -z "${TRUSTED_PROXIES:-}" ] || echo "real_ip_header X-Forwarded-For; real_ip_recursive on;"
} >"$RUN_DIR/network/network.conf"

{
	[ -z "${NJS_MODULE:-}" ] || echo "load_module $NJS_MODULE;"
	# Only our names: nginx writes its own variables the same way.
	envsubst "$(printf '${%s} ' $names)" <"$GATEWAY_DIR/nginx.conf.template"
} >"$RUN_DIR/nginx.conf"

exec nginx -p "$RUN_DIR" -c "$RUN_DIR/nginx.conf" "$@"
