# POSIX make and sh. Everything runs in .venv, which is made on first use and renewed only when
# the requirements change.

VENV = .venv
BIN = $(VENV)/bin
RUNTIME = $(VENV)/.runtime
TOOLS = $(VENV)/.tools

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME) ## everything on this machine: web, judge, notifier, importer and an embedded server
	@$(BIN)/python -m kumo up

demo: $(RUNTIME) ## the same with sixty days of a made-up company, and the alerts of today
	@$(BIN)/python -m kumo demo

test: $(TOOLS) ## every test, those in a browser included
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -n auto --dist loadfile

QUICK = tests/domain tests/billing tests/notify tests/api/schemas tests/store tests/engine/detection \
	tests/engine/test_ingest.py tests/engine/test_delivery.py tests/engine/imports/test_reconciliation.py \
	tests/engine/imports/test_choices.py tests/engine/imports/test_entries.py tests/engine/imports/test_kept_days.py \
	tests/api/test_problems.py tests/cli/test_choices.py tests/cli/test_report.py tests/test_kinds.py tests/worker/test_known.py

quick: $(TOOLS) ## what needs no server, and the main path on fakeredis: for while you work
	$(BIN)/python -m pytest -q -n auto --fake --hypothesis-profile quick -m "not slow and not server" $(QUICK)

lint: $(TOOLS) ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TOOLS) ## types
	$(BIN)/mypy

architecture: $(TOOLS) ## which module may import which, and how long one may get
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m pytest -q tests/test_architecture.py

check: lint types architecture test ## lint, types, architecture, then every test

bench: $(TOOLS) ## the benchmark table
	@$(BIN)/python -m tests.bench

chaos: $(TOOLS) ## the same promises while things are killed
	@$(BIN)/python -m tests.chaos

quality: $(TOOLS) ## how well each detector detects, on labelled series
	@$(BIN)/python -m tests.quality

structure: $(TOOLS) ## the source in figures, and what a cost walks through
	@$(BIN)/python -m tests.structure

# The one source is pyproject.toml. Versions stay as they are unless asked: make requirements UPGRADE=--upgrade
PIN = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
	--custom-compile-command "make requirements" --extra all pyproject.toml

requirements: $(TOOLS) ## fix the versions of all that pyproject.toml names, and of what that needs
	@$(PIN) -o requirements.txt
	@$(PIN) --group dev -c requirements.txt -o tests/requirements.txt

licences: $(TOOLS) ## the licence of each package that requirements.txt fixes, into docs/licences.md too
	@$(BIN)/python -m tests.licences

package: $(TOOLS) ## the wheel and the source archive, in dist/
	@$(BIN)/python -m build --no-isolation

clean: ## remove .venv and caches; the data in var/ stays
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3.14 python3; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Kumo needs Python 3.11 or newer, and found none: https://www.python.org/downloads/" >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "Python $$version cannot make a virtual environment here. On Debian or Ubuntu:" >&2; \
		echo "    sudo apt-get install python$$version-venv" >&2; \
		exit 1; \
	fi; \
	"$$python" -m venv $(VENV)

$(RUNTIME): requirements.txt $(BIN)/python
	@echo "Installing requirements.txt into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(TOOLS): tests/requirements.txt $(RUNTIME)
	@echo "Installing tests/requirements.txt into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r tests/requirements.txt
	@touch $@

.PHONY: help run demo test quick lint types architecture check bench chaos quality structure requirements licences package clean
