# Jalon. `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.stamps

.PHONY: help setup run test check lint fast conformity docs screens bench feel-conformance lock clean

help: ## Print this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(STAMPS)/python $(STAMPS)/web ## Install everything, once

run: setup ## Serve the demo on http://127.0.0.1:8000
	$(BIN)/jalon demo

test: setup ## Run all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup ## Lint, types, import contracts and the fast tests, in under a minute
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint fast

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/jalon diagrams check bpmn
	$(BIN)/pyright

fast: setup
	HYPOTHESIS_PROFILE=few $(BIN)/python -m pytest -q -n 2 -m "not slow" -k "not postgresql" \
	  -p no:schemathesis tests/workflow tests/house

conformity: setup ## Write docs/conformity.md: each rule of the DSR, and what shows it
	$(BIN)/python docs/conformity.py

docs: setup ## Make the pictures of the guides in docs/, from the running product
	$(BIN)/python docs/guides.py

screens: setup ## Photograph every page, in both languages and themes, into var/screens
	$(BIN)/python docs/screens.py

bench-pages: setup ## Measure the pages at 10,000 dossiers: time, SQL statements, growth
	$(BIN)/python -m benchmarks.pages

bench: setup ## Measure steps, state and sweeps against stock persistence
	$(BIN)/python -m benchmarks.steps

feel-conformance: setup ## Run the DMN conformance cases of ../shared/tck, where they exist
	$(BIN)/python tests/feel_conformance.py

lock: setup ## Renew the lock files from pyproject.toml and package.json
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --python-version 3.11 pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --python-version 3.11 pyproject.toml --group build --group dev -o requirements-dev.lock
	npm update --ignore-scripts

clean: ## Remove what setup made, and the demo's data
	rm -rf .venv node_modules var web/static/built

$(STAMPS)/python: requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is missing: install it, then run make again."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; this one is older: $$($(PYTHON) --version)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python's venv module is missing: install it (Debian: python3-venv), then run make again."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/npm: package-lock.json package.json
	@command -v node >/dev/null || { echo "Node 20 or later is missing: install it, then run make again."; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Node 20 or later is needed; this one is older: $$(node --version)."; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/web: $(STAMPS)/npm $(STAMPS)/python $(wildcard web/islands/*) web/build.mjs web/static/theme.css $(wildcard web/translations/*/LC_MESSAGES/*.po)
	node web/build.mjs
	$(BIN)/pybabel -q compile -d web/translations
	@touch $@
