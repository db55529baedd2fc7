# Two commands do all the set-up: `make demo` and `make test`. Everything they write stays in this checkout.
.DEFAULT_GOAL := help
.PHONY: help demo test torture lint bench lock audit clean

PYTHON ?= python3
QUIET ?= -qq # -q lets pip warn of versions that were withdrawn
LOCKED := --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate
BIN := .venv/bin
export PREFECT_HOME := $(CURDIR)/.cache/prefect
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DO_NOT_TRACK := 1
# Modules are compiled once and kept: without that each process compiles Prefect and all the rest anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

.venv/runtime.done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pagelake needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing pagelake and its pinned dependencies into .venv"
	@$(BIN)/python -m pip install $(QUIET) --no-compile 'pip>=25.1' # older ones work twice as long on the same list
	@$(BIN)/python -m pip install $(QUIET) --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install $(QUIET) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.done: .venv/runtime.done requirements-dev.lock
	@echo "installing the pinned development tools into .venv"
	@$(BIN)/python -m pip install $(QUIET) --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/runtime.done ## process sample_docs/ with the embedded engine and show the result
	@$(BIN)/python -m flows.demo

lint: .venv/dev.done ## formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## every check: lint, types, import contracts, tests
	$(BIN)/pytest -n 2 --dist loadgroup

torture: .venv/dev.done ## kill runs at every step, hostile documents, faults, damaged lakes, for minutes
	EVERY_KILL=1 $(BIN)/pytest -n 2 --dist loadgroup -m "torture or charted"

lock: ## resolve the pinned dependencies anew (needs uv on the PATH)
	uv pip compile $(LOCKED) --extra local pyproject.toml lock-build.in -o requirements.lock
	uv pip compile $(LOCKED) --group dev -c requirements.lock -o requirements-dev.lock

audit: .venv/dev.done ## ask the package registry whether a pinned version was withdrawn
	@$(BIN)/python -m tests.audit

bench: .venv/runtime.done ## speed against the limits of this machine, as ratios
	$(BIN)/python -m benchmarks

clean: ## remove everything the other targets made
	rm -rf .venv .cache lake .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
