# `make demo` and `make test` do all of their own set-up; `make help` lists the rest.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DISTRIBUTIONS := -e .[cli] -e providers/kontist -e providers/kontomatik -e providers/basiq -e sandbox
MANIFESTS := constraints.txt pyproject.toml sandbox/pyproject.toml $(wildcard providers/*/pyproject.toml)
SOURCES := src providers sandbox tests benchmarks examples

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run: $(MANIFESTS)
	$(PYTHON) -m venv .venv
	$(PIP) install --constraint constraints.txt hatchling editables
	$(PIP) install --constraint constraints.txt --no-build-isolation $(DISTRIBUTIONS)
	@touch $@

.venv/dev: .venv/run
	$(PIP) install --constraint constraints.txt --no-build-isolation -e .[dev]
	@touch $@

.PHONY: setup
setup: .venv/dev ## Install everything into .venv

.PHONY: demo
demo: .venv/run ## Connect banks at three providers in the sandbox, and pull everything into one store
	$(BIN)/bankweave demo

.PHONY: test
# Three workers even on two cores: some tests wait for other processes.
test: .venv/dev ## Run all tests
	$(BIN)/python -m pytest -n 3

.PHONY: check
check: .venv/dev lint types docs ## Run every check but the tests

.PHONY: lint
lint: .venv/dev ## Check format, style and the direction of imports
	$(BIN)/ruff format --check $(SOURCES) docs
	$(BIN)/ruff check $(SOURCES) docs
	$(BIN)/lint-imports

.PHONY: types
types: .venv/dev ## Check all types
	$(BIN)/mypy $(SOURCES) docs/generate.py

.PHONY: format
format: .venv/dev ## Format the code and mend what can be mended
	$(BIN)/ruff format $(SOURCES) docs
	$(BIN)/ruff check --fix $(SOURCES) docs

.PHONY: docs
docs: .venv/dev ## Build the documentation into docs/site/
	$(BIN)/zensical build --strict -f docs/zensical.toml

.PHONY: sandbox
sandbox: .venv/run ## Serve the three providers locally until interrupted
	$(BIN)/bankweave sandbox

.PHONY: cassettes
cassettes: .venv/dev ## Record the cassettes from the sandbox
	PYTHONPATH=tests/support $(BIN)/python -m tests.cassettes.record

.PHONY: bench
bench: .venv/dev ## Run the benchmarks
	$(BIN)/python benchmarks/transport.py
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.end_to_end
