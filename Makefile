# The doors to everything. Needs Python 3.11+ and make; everything else comes with `make setup`.
#
# No value from outside becomes part of a command: what is given on make's command line is text that is never expanded,
# and like what the environment holds it reaches a command as a variable ("$$DOC"), of which a shell makes one word.
$(foreach given,$(filter-out given,$(.VARIABLES)),$(if $(findstring command,$(origin $(given))),\
    $(eval override $(given) := $$(value $(given)))$(eval export $(given))))
override given :=

override VENV := .venv
override BIN := $(VENV)/bin
override CLI = $(BIN)/scoro-smartaccounts $${COMPANY:+"--company=$$COMPANY"}
override FLOW_GIVEN = $${FLOW:+"--flow=$$FLOW"}
override NOTE_GIVEN = $${NOTE:+"--note=$$NOTE"}
# What is compiled once is kept, whatever the environment says: thousands of tests and their processes load the same.
override export PYTHONDONTWRITEBYTECODE :=
override LOCKS := requirements.txt requirements-demo.txt requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help setup demo down run explain quarantine warnings retry dismiss book-into filed reopened audit drift accept totals kmd reviewed undo reconcile links-in links-out resume meet test test-slow test-long test-unit coverage lint format picture docs lock wheel bench measure-matching clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

setup: $(VENV)/.done ## virtual environment with the locked requirements

$(VENV)/.done: requirements-build.txt $(LOCKS) pyproject.toml
	@"$${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/python || "$${PYTHON:-python3}" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.txt
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --compile-bytecode --require-hashes $(LOCKS:%=-r %)
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## everything on this machine, with both services simulated; until Ctrl-C
	@$(BIN)/scoro-smartaccounts demo up

down: setup ## stop the demo
	@$(BIN)/scoro-smartaccounts demo down

run: setup ## one run: make run DAG=import_payments [FROM=2026-01-01 TO=2026-01-10] [MODE=preview]; without days: the next that are not imported
	@$(CLI) run $${DAG:+"--dag=$$DAG"} $${FROM:+"--from=$$FROM"} $${TO:+"--to=$$TO"} $${MODE:+"--mode=$$MODE"}

explain: setup ## the story of one document: make explain DOC=2026041 [FLOW=purchase_invoices]
	@$(CLI) explain $(FLOW_GIVEN) -- "$${DOC:?says which: make explain DOC=2026041}"

quarantine: setup ## documents that wait for a person, and those that wait for others
	@$(CLI) quarantine

warnings: setup ## what a run found worth a look, document by document: make warnings [RUN=…]
	@$(CLI) warnings $${RUN:+"--run=$$RUN"}

retry: setup ## let the next run try a document again: make retry DOC=2026041 [FLOW=purchase_invoices] [NOTE="…"]
	@$(CLI) retry $(FLOW_GIVEN) $(NOTE_GIVEN) -- "$${DOC:?says which: make retry DOC=2026041}"

dismiss: setup ## never import a document as it is: make dismiss DOC=2026041 [FLOW=purchase_invoices] NOTE="…"
	@$(CLI) dismiss $(FLOW_GIVEN) $(NOTE_GIVEN) -- "$${DOC:?says which: make dismiss DOC=2026041 NOTE=…}"

book-into: setup ## on which day a document of a declared month is entered: make book-into WHERE=2026-01|first-open-day DOC=2026041 [FLOW=…]
	@$(CLI) book-into $(FLOW_GIVEN) -- "$${WHERE:?says where: make book-into WHERE=2026-01 DOC=2026041}" "$${DOC:?says which: make book-into WHERE=2026-01 DOC=2026041}"

filed: setup ## say that the VAT return of a month is filed: make filed MONTH=2026-01
	@$(CLI) filed -- "$${MONTH:?says which: make filed MONTH=2026-01}"

reopened: setup ## say that a month is open again: make reopened MONTH=2026-01
	@$(CLI) reopened -- "$${MONTH:?says which: make reopened MONTH=2026-01}"
audit: setup ## what the last night of audit_books found
	@$(CLI) audit

drift: setup ## what differs between the systems since the import, and what can be done
	@$(CLI) drift

accept: setup ## take a difference as it is: make accept DRIFT=7 [NOTE="…"] [BY="…"]
	@$(CLI) accept $(NOTE_GIVEN) $${BY:+"--by=$$BY"} -- "$${DRIFT:?says which: make accept DRIFT=7}"

totals: setup ## a month's sums in Scoro, SmartAccounts and its ledger, and what makes them differ: make totals MONTH=2026-03
	@$(CLI) totals -- "$${MONTH:?says which: make totals MONTH=2026-03}"

kmd: setup ## what to look at before the VAT return of a month is filed: make kmd MONTH=2026-03
	@$(CLI) kmd -- "$${MONTH:?says which: make kmd MONTH=2026-03}"

reviewed: setup ## note that somebody has looked at the pages of a month: make reviewed MONTH=2026-03 BY="…"
	@$(CLI) reviewed --by="$${BY:?says who: make reviewed MONTH=2026-03 BY=…}" -- "$${MONTH:?says which: make reviewed MONTH=2026-03 BY=…}"

undo: setup ## how a run could be taken back: make undo RUN=import_sales_invoices/manual-1 [APPROVE=…] [BY="…"]
	@$(CLI) undo $${APPROVE:+"--approve=$$APPROVE"} $${BY:+"--by=$$BY"} -- "$${RUN:?says which: make undo RUN=…}"

reconcile: setup ## take what was decided in a report of reconcile_ids: make reconcile FILE=links.xlsx
	@$(CLI) reconcile -- "$${FILE:?says which: make reconcile FILE=links.xlsx}"

links-in: setup ## take links from a CSV file of SmartAccounts: make links-in KIND=clients|vendors|articles FILE=clients.csv
	@$(CLI) links-in $${KIND:+"--kind=$$KIND"} -- "$${FILE:?says which: make links-in KIND=clients FILE=clients.csv}"

links-out: setup ## copy such a file with the links filled in: make links-out KIND=clients FILE=clients.csv TO=filled.csv
	@$(CLI) links-out $${KIND:+"--kind=$$KIND"} -- "$${FILE:?says which file}" "$${TO:?names the new file}"

resume: setup ## lift the pause of a company's requests to SmartAccounts
	@$(CLI) resume

meet: setup ## hold what both services are assumed to do against what they show, reading only
	@$(CLI) meet

test: setup ## the quick tests, some of every kind
	@$(BIN)/python -m pytest -m "not slow and not long" -n "$${WORKERS:-2}" --dist loadfile --no-loadscope-reorder --durations=20

test-slow: setup ## all tests that `make test` leaves out: half an hour or more
	@$(BIN)/python -m pytest -m "slow and not long" -n "$${WORKERS:-2}" --dist loadfile --no-loadscope-reorder --durations=20

test-long: test-slow ## and 2,000 random histories of both bookkeepers, and what takes hours
	@$(BIN)/python -m pytest tests/dags/test_night.py tests/dags/test_outage.py tests/dags/test_access.py tests/dags/test_people.py tests/dags/test_page.py tests/integration/flows/test_readings.py tests/integration/flows/test_nothing_in_silence.py tests/integration/audit -m long
	@$(BIN)/python -m pytest tests/integration/flows/test_nasty_records.py -m long -n "$${WORKERS:-2}" --dist load -o timeout=0
	@$(BIN)/python -m pytest tests/unit tests/integration/staging -m hypothesis --hypothesis-profile=full -n "$${WORKERS:-2}"
	@HISTORIES="$${HISTORIES:-2000}" $(BIN)/python -m pytest tests/integration/flows/test_convergence.py -n "$${WORKERS:-2}" --dist load -o timeout=0

test-unit: setup ## tests without Airflow and database
	@$(BIN)/python -m pytest tests/unit -m "not slow and not long" -n "$${WORKERS:-2}"

coverage: setup ## how much of each room the tests go through, and pages in htmlcov: make coverage [TESTS=tests/unit]
	@$(BIN)/python -m pytest "$${TESTS:-tests}" -n "$${WORKERS:-2}" --dist loadfile --no-loadscope-reorder --cov --cov-report=html
	@$(BIN)/python -m tests.covered

lint: setup ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy include/scoro_smartaccounts include/scoro_smartaccounts_demo include/scoro_smartaccounts_sandbox dags docs tests
	@$(BIN)/lint-imports
	@$(BIN)/python docs/rooms.py --check
	@$(BIN)/python docs/reference.py --check

format: setup ## mend the style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

picture: setup ## what is made of the code: the rooms of docs/architecture.md, the pages of the company file and the commands
	@$(BIN)/python docs/rooms.py
	@$(BIN)/python docs/reference.py

docs: setup ## the documents as a site, in the folder site; warnings are errors
	@$(BIN)/mkdocs build --quiet --strict

wheel: setup ## the package for an Airflow that is there already, in dist
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python

lock: setup ## resolve the newest versions that work together; UPGRADE= keeps those that are locked
	@for lock in $(LOCKS) requirements-build.txt; do \
		$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes \
			$$(test -z "$${UPGRADE-1}" || echo --upgrade) "$${lock%.txt}.in" --output-file "$$lock" || exit 1; \
	done

bench: setup ## measurements, as ratios of one sitting
	@$(BIN)/python -m tests.bench

measure-matching: setup ## how well partners and articles are matched, on labelled sets
	@$(BIN)/python -m tests.matching.measure

clean: ## remove what the demo and the tools left
	@rm -rf site htmlcov .coverage .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
