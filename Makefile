# The two commands a newcomer needs are `make run` and `make test`; each builds what it needs first.
# Another interpreter: make PYTHON=python3.12 run
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# what a receiver of an audit pack would hold it against; apart, because its versions are not ours
AUDIT  := $(VENV)/audit

# the instance lies in the warehouse: another FOI_WAREHOUSE is another instance
export DAGSTER_HOME := $(abspath $(or $(FOI_WAREHOUSE),$(CURDIR)/warehouse))/dagster

.PHONY: run test explore check dev docs lock audit-tools clean help

run: $(READY)          ## build the environment and refresh the figures from raw/
	$(BIN)/foi refresh

# Of more than four processes each would mostly make what the others have made; one file by hand needs none.
test: $(READY) $(AUDIT)/.ready  ## build the environments and run every test, on all cores (four at most)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

explore: $(READY) $(AUDIT)/.ready  ## property tests alone, on examples that no run has tried before
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile explore -n auto --maxprocesses 4 --dist worksteal

check: $(READY)        ## lint and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

dev: $(READY)          ## the Dagster UI with its daemon, on http://127.0.0.1:3000
	@mkdir -p "$(DAGSTER_HOME)"; test -e "$(DAGSTER_HOME)/dagster.yaml" \
	  || cp warehouse/dagster/dagster.yaml "$(DAGSTER_HOME)/"
	$(BIN)/dagster dev -w workspace.yaml

docs: $(READY)         ## write the generated documents anew: data dictionary, manifest reference
	$(BIN)/python -m pipeline.desk.documents

audit-tools: $(AUDIT)/.ready  ## the second environment: roc-validator and frictionless, for the tests of packs

LOCKED = uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
  --no-emit-index-url --only-binary :all:

lock:                  ## resolve the two requirements anew (needs uv); no index address enters a file
	$(LOCKED) requirements.in -o requirements.lock
	$(LOCKED) requirements-audit.in -o requirements-audit.lock

clean:                 ## forget the environment and everything built
	rm -rf $(VENV)
	find warehouse -mindepth 1 ! -name README.md ! -name dagster.yaml ! -name dagster -delete

help:                  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	touch $@

# inside the first one, so that whatever removes that removes this
$(AUDIT)/.ready: requirements-audit.lock $(READY)
	$(PYTHON) -m venv --clear $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps --only-binary :all: -r requirements-audit.lock
	$(AUDIT)/bin/python -m pip check
	touch $@
