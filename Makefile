# Every chore is one word: `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo demo-console test check format bench lock docs install clean
MAKEFLAGS += --no-print-directory

export PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 3
ARGS ?=

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: install ## run the pipelines offline, beside simulated publishers, and show their results
	@$(BIN)/penstock demo $(ARGS)

demo-console: install ## the same, then the console over it at http://127.0.0.1:5001/pipelines, until Ctrl-C
	@$(BIN)/penstock demo --console $(ARGS)

test: install ## run every test
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: install ## format, lint, types, import contracts, every test and the commands of the docs (what CI runs)
	@echo "checking the format" && $(BIN)/ruff format --check --quiet .
	@echo "checking style" && $(BIN)/ruff check --quiet .
	@echo "checking types" && $(BIN)/mypy --no-error-summary
	@echo "checking import contracts" && $(BIN)/lint-imports --no-logo > .imports.log 2>&1 || { cat .imports.log; exit 1; }
	@rm -f .imports.log
	@echo "running tests and the commands of the docs" && $(BIN)/python -m pytest -n $(WORKERS) --durations=25

format: install ## rewrite files in the house format
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

docs: install ## write the generated reference pages anew
	@$(BIN)/python docs/generate.py

bench: install ## measure the engine and the warehouse beside their floors
	@$(BIN)/python bench/run.py $(ARGS)

lock: install ## renew requirements.lock (ARGS=--upgrade for newest versions)
	@scripts/lock $(ARGS)

install:
	@scripts/install

clean: ## remove environments and caches; never data
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache uv.lock
