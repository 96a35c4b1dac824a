# The virtual environment is made by the first target that needs it, and again only when setup.cfg,
# constraints.txt, pyproject.toml or the interpreter change. Another one: make setup PYTHON=python3.13

PYTHON ?= $(shell test -f .venv/setup-stamp && .venv/bin/python -c '' 2>/dev/null && echo .venv/bin/python || echo python3)
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo run test contract lint audit bench openapi clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv with the pinned dependencies (PYTHON=python3.13 picks the interpreter)
	@$(PYTHON) -c '' 2>/dev/null || { echo "setup: cannot run $(PYTHON); name an interpreter: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("setup: $(PYTHON) is Python %d.%d; 3.11, 3.12 or 3.13 is needed" % v)'
	@$(PYTHON) app/runtime/install.py

demo: setup ## Take three customers through the whole platform, over HTTP
	@$(BIN)/los demo

run: setup ## Run everything until Ctrl-C; data stays in var/run
	@$(BIN)/los up

test: setup ## Run the tests against real PostgreSQL, Redis, S3 and HTTP
	@$(BIN)/pytest -q -n 3

contract: setup ## Read the real samples in the folder that CONTRACT_FIXTURES names
	@if [ -n "$$CONTRACT_FIXTURES" ]; then $(BIN)/pytest -q tests/contract; else echo "contract: CONTRACT_FIXTURES names no folder, nothing was read"; fi

lint: setup ## Check style, format, security (bandit rules) and the import contracts
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --config setup.cfg

audit: setup ## Look the pinned versions up in the advisory databases (needs a network)
	@$(BIN)/python -m venv var/audit && var/audit/bin/pip install --quiet pip-audit
	@var/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

bench: setup ## Run every benchmark
	@for file in benchmarks/*.py; do echo "== $$file"; .venv/bin/python "$$file" || exit 1; done

openapi: setup ## Print the OpenAPI document
	@$(BIN)/los openapi

clean: ## Remove .venv and everything made here except the data in var/run
	@rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -rf var/demo var/demo-* var/test* var/setup.*
	@find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
