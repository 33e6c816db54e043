# The one door. Needs Python 3.11+ and make; everything else comes with `make setup`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DAG ?= import_sales_invoices
MODE ?= import
COMPANY ?= default
CLI := $(BIN)/python -m scoro_smartaccounts.cli --company $(COMPANY)
WORKERS ?= 2
HISTORIES ?= 2000

.DEFAULT_GOAL := help
.PHONY: help setup demo down run explain quarantine warnings retry dismiss reconcile links-in links-out test test-long test-unit lint format lock bench measure-matching clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

setup: $(VENV)/.done ## virtual environment with the locked requirements

$(VENV)/.done: requirements.txt requirements-demo.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --python $(BIN)/python --quiet -r requirements.txt -r requirements-demo.txt -r requirements-dev.txt
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps -e .
	@touch $@

demo: setup ## everything on this machine, with both services simulated; until Ctrl-C
	@$(BIN)/python -m scoro_smartaccounts_demo up

down: setup ## stop the demo
	@$(BIN)/python -m scoro_smartaccounts_demo down

run: setup ## one run: make run DAG=import_payments [FROM=2026-01-01 TO=2026-01-10] [MODE=preview]; without days: the next that are not imported
	@$(BIN)/python -m scoro_smartaccounts_demo run --dag $(DAG) --from "$(FROM)" --to "$(TO)" --mode $(MODE)

explain: setup ## the story of one document: make explain DOC=2026041 [FLOW=purchase_invoices]
	@$(CLI) explain "$(DOC)" --flow "$(or $(FLOW),sales_invoices)"

quarantine: setup ## documents that wait for a person, and those that wait for others
	@$(CLI) quarantine

warnings: setup ## what a run found worth a look, document by document: make warnings [RUN=…]
	@$(CLI) warnings --run "$(RUN)"

retry: setup ## let the next run try a document again: make retry DOC=2026041 [FLOW=purchase_invoices] [NOTE="…"]
	@$(CLI) retry $(DOC) $(if $(FLOW),--flow "$(FLOW)") --note "$(NOTE)"

dismiss: setup ## never import a document as it is: make dismiss DOC=2026041 [FLOW=purchase_invoices] NOTE="…"
	@$(CLI) dismiss $(DOC) $(if $(FLOW),--flow "$(FLOW)") --note "$(NOTE)"

reconcile: setup ## take what was decided in a report of reconcile_ids: make reconcile FILE=links.xlsx
	@$(CLI) reconcile "$(FILE)"

links-in: setup ## take links from a CSV file of SmartAccounts: make links-in KIND=clients|vendors|articles FILE=clients.csv
	@$(CLI) links-in "$(FILE)" --kind "$(KIND)"

links-out: setup ## copy such a file with the links filled in: make links-out KIND=clients FILE=clients.csv TO=filled.csv
	@$(CLI) links-out "$(FILE)" "$(TO)" --kind "$(KIND)"

test: setup ## all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-long: setup ## 2,000 random histories of both bookkeepers, and what takes minutes: half an hour or more
	@$(BIN)/python -m pytest tests/dags/test_night.py tests/dags/test_outage.py tests/dags/test_access.py tests/dags/test_people.py tests/integration/test_readings.py tests/integration/test_nothing_in_silence.py -m long
	@HISTORIES=$(HISTORIES) $(BIN)/python -m pytest tests/integration/test_convergence.py -n $(WORKERS) --dist load -o timeout=0

test-unit: setup ## tests without Airflow and database
	@$(BIN)/python -m pytest tests/unit -n $(WORKERS)

lint: setup ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy include/scoro_smartaccounts include/scoro_smartaccounts_demo include/scoro_smartaccounts_sandbox plugins dags
	@$(BIN)/lint-imports

format: setup ## mend the style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup ## resolve the newest versions that work together
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --upgrade requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --upgrade requirements-demo.in -o requirements-demo.txt
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --upgrade requirements-dev.in -o requirements-dev.txt

bench: setup ## measurements, as ratios of one sitting
	@$(BIN)/python -m tests.bench

measure-matching: setup ## how well partners and articles are matched, on labelled sets
	@$(BIN)/python -m tests.matching.measure

clean: ## remove what the demo and the tools left
	@rm -rf .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
