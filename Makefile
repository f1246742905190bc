# Needs Python >= 3.11 with venv, and make; the rest is installed into .venv, pinned by hashes.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help reports test check lab lock clean

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

reports: ## Rebuild reports/ from data/ and notebooks/ (ARGS: reports or options of evsyn build)
	@$(PYTHON) requirements/environment.py run
	@$(BIN)/evsyn build $(ARGS)

test: check ## Run every check and every test (ARGS: options of pytest)
	@$(BIN)/pytest -n auto $(ARGS)

check: ## Check style, types and the direction of imports
	@$(PYTHON) requirements/environment.py dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

lab: ## Open the notebooks in JupyterLab
	@$(PYTHON) requirements/environment.py notebooks
	@$(BIN)/jupyter lab --notebook-dir=notebooks $(ARGS)

lock: ## Pin requirements/*.txt anew from pyproject.toml (needs a package index)
	@$(PYTHON) requirements/lock.py

clean: ## Remove the environment, caches and build products, not the reports
	@rm -rf .venv .evsyn .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -rf build dist mutants .coverage
	@find src tests notebooks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
