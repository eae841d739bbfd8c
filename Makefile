# What a clone needs, and how it is checked. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.docpipe
SETUP_FILES := pyproject.toml constraints.txt
BY_FILE := --dist loadfile --no-loadscope-reorder # files begin in the order of tests/conftest.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast check format samples bench wheel constraints clean

help: ## List every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP)-dev ## Install everything into .venv: docpipe, its engines, what the tests need

demo: $(STAMP)-demo ## Run the samples through docpipe and show the tables
	$(BIN)/docpipe run samples/invoices --schema invoice --out demo-out
	$(BIN)/docpipe show demo-out
	$(BIN)/python samples/totals.py demo-out

test: $(STAMP)-dev ## Run every test, a file at a time in each of three processes: many only wait
	$(BIN)/python -m pytest -n 3 $(BY_FILE)

test-fast: $(STAMP)-dev ## Run the tests that take no more than a few seconds
	$(BIN)/python -m pytest -n 2 $(BY_FILE) -m "not slow"

check: $(STAMP)-dev ## Lint, format and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)-dev ## Format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

samples: $(STAMP)-dev ## Make samples/invoices again from its seed
	rm -rf samples/invoices
	$(BIN)/docpipe synth invoice 30 --seed 2026 --languages en,de,fr,es,it,nl,pt --degrade samples --out samples/invoices

bench: $(STAMP)-dev ## Run the benchmarks that need no GPU
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/accuracy.py

wheel: $(STAMP)-dev ## Build the wheel into dist/
	$(BIN)/python -m build --wheel

constraints: $(STAMP)-dev ## Write down the versions that are installed now
	$(BIN)/python -m pip freeze --exclude-editable | grep -Ev '^(pip|setuptools|wheel)==' > constraints.txt

clean: ## Remove the environment and everything made
	rm -rf $(VENV) demo-out dist build .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(STAMP)-demo: $(BIN)/python $(SETUP_FILES)
	@test -e $(STAMP)-dev || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(STAMP)-dev: $(BIN)/python $(SETUP_FILES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(STAMP)-demo
