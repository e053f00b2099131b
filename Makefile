# The vocabulary: `make help`. Every target sets up what it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TOOLS := $(VENV)/.tools
EXTRAS := async,codegen,mcp,sandbox,sandbox-tls,socks,progress,webhooks

.DEFAULT_GOAL := help
.PHONY: help setup shell generate check golden demo test lint types mypy pyright unit docs bench mutants wheel clean

# uv, where it is installed, takes seconds; pip takes a minute or two. Both write no byte code: modules that nobody imports need none.
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
MAKE_VENV = uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
INSTALL = uv pip install --quiet --python $(BIN)/python
else
MAKE_VENV = $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
endif

# Say what is installed, and that it goes on: a first installation is a minute of silence otherwise.
define install
@echo "setup: installing $(1) with $(if $(UV),uv,pip) (once)"; \
(while sleep 15; do echo "setup: still installing …"; done) & telling=$$!; \
$(INSTALL) $(2); code=$$?; \
kill $$telling 2>/dev/null; exit $$code
endef

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 14

setup: $(TOOLS) ## create .venv and install typedrun (editable) with every extra, and what checks and tests it

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "typedrun needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Next: make PYTHON=python3.12 …")'
	@echo "setup: creating $(VENV) for $$($(PYTHON) --version)"
	@$(MAKE_VENV)
	$(call install,typedrun and its dependencies,--editable '.[$(EXTRAS)]')
	@touch $(STAMP)
	@echo "setup: done; \`make shell\` opens a shell in which \`typedrun\` and \`python\` are those of $(VENV)"

# What only checks and tests need is installed by the first target that needs it.
$(TOOLS): $(STAMP)
	$(call install,the tools that check and test it,--editable '.[second-opinion]' --group dev)
	@touch $(TOOLS)

# pyright is a Node program: the machine's Node where there is one, else the wheel that carries it (206 MB).
NODE := $(VENV)/.node
$(NODE): $(TOOLS)
	@command -v node >/dev/null || { echo "setup: installing Node for pyright, with $(if $(UV),uv,pip) (once)"; $(INSTALL) --group node; }
	@touch $(NODE)

DOCS := $(VENV)/.docs
$(DOCS): $(STAMP)
	$(call install,what builds the documentation,--group docs)
	@touch $(DOCS)

shell: $(STAMP) ## a shell in which `typedrun` and `python` are those of .venv; `exit` leaves it
	@PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV="$(CURDIR)/$(VENV)" exec "$${SHELL:-sh}"

generate: $(STAMP) ## snapshots -> generated/
	@$(BIN)/typedrun generate

check: $(STAMP) ## are the generated packages exactly what the snapshots give?
	@$(BIN)/typedrun check

golden: $(TOOLS) ## rewrite the expected output under tests/golden (review the diff)
	@$(BIN)/python -m pytest --quiet tests/codegen/package/test_golden.py tests/codegen/api/test_golden.py --golden-update

demo: $(STAMP) ## call models against the local sandbox: no key, no network
	@$(BIN)/python examples/demo.py

lint: $(TOOLS) ## ruff: style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: mypy pyright ## mypy --strict and pyright strict

mypy: $(TOOLS)
	@$(BIN)/mypy

# With what builds the documentation, since docs/hooks.py speaks to it.
pyright: $(NODE) $(DOCS)
	@NODE_OPTIONS="$$NODE_OPTIONS --require ./tests/node.cjs" $(BIN)/pyright --pythonpath $(BIN)/python

# Three workers for two processors: a test often waits, for a process or for a clock. A file's tests share what they make, so
# one worker has them all, and tests/conftest.py says which files begin. The hundreds of processes that they start read byte code, whatever
# the machine's environment says of writing it.
WORKERS = $$(($$($(BIN)/python -c 'import os; print(os.cpu_count() or 1)') * 3 / 2))
unit: $(NODE) ## pytest alone, on all processors
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

docs: $(DOCS) ## build the documentation site into site/, strictly
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

# Two gates at a time, the longest first, beside the tests: a processor that waits for one has the others. Nothing that fails keeps
# anything from running.
GATES := pyright mypy docs check lint
SIDE_BY_SIDE := --no-print-directory --keep-going --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

test: $(NODE) $(DOCS) ## every gate, as CI runs it; ten minutes or so
	@failed=; \
	$(MAKE) $(SIDE_BY_SIDE) $(GATES) & gates=$$!; trap "kill $$gates 2>/dev/null" INT TERM; \
	$(MAKE) --no-print-directory unit || failed="a test"; \
	wait $$gates || failed="a gate$${failed:+, and $$failed}"; \
	test -z "$$failed" || { echo "make test: $$failed failed, as said above" >&2; exit 1; }

bench: $(TOOLS) ## ratios against peers, measured in this run
	@$(BIN)/python benchmarks/run.py

mutants: $(TOOLS) ## does a test notice when one token of the code is another? (minutes a room: make mutants ROOMS="engine diffs")
	@$(BIN)/python -m tests.mutants $(ROOMS) $(OPTIONS)

wheel: $(TOOLS) ## build the wheel into dist/
	@$(BIN)/python -m build --wheel

clean: ## remove everything that make created
	rm -rf $(VENV) dist build site .benchmarks .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
