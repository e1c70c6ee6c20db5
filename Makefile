# `make demo` and `make test` start from a fresh clone: they make the environment they need in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint check clean

demo: .venv/installed
	$(BIN)/kgraph demo

test: .venv/installed-dev
	$(BIN)/pytest --numprocesses 2 --dist loadgroup --cov --cov-report=term

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "kgraph needs Python 3.11 or later: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ .venv/installed

clean:
	rm -rf .venv build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
