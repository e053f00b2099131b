# The vocabulary: `make help`. Every target sets up what it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup generate check golden demo test lint types unit bench wheel clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 14

setup: $(STAMP) ## create .venv and install typedrun (editable) with every extra

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "typedrun needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Next: make PYTHON=python3.12 …")'
	@echo "setup: creating $(VENV) and installing dependencies (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[codegen,sandbox]' --group dev
	@touch $(STAMP)

generate: $(STAMP) ## snapshot -> generated/aixplain_models
	@$(BIN)/typedrun generate

check: $(STAMP) ## is the generated package exactly what the snapshot gives?
	@$(BIN)/typedrun check

golden: $(STAMP) ## rewrite the expected output under tests/golden (review the diff)
	@$(BIN)/python -m pytest --quiet tests/codegen --golden-update

demo: $(STAMP) ## call models against the local sandbox: no key, no network
	@$(BIN)/python examples/demo.py

lint: $(STAMP) ## ruff: style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy --strict and pyright strict
	@$(BIN)/mypy
	@$(BIN)/pyright --pythonpath $(BIN)/python

unit: $(STAMP) ## pytest alone, on all processors
	@$(BIN)/python -m pytest -n auto --dist worksteal

test: lint check types unit ## every gate, as CI runs it

bench: $(STAMP) ## ratios against peers, measured in this run
	@$(BIN)/python benchmarks/run.py

wheel: $(STAMP) ## build the wheel into dist/
	@$(BIN)/python -m build --wheel

clean: ## remove everything that make created
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
