# Everything runs in .venv, which the first target that needs it makes; nothing else on the machine is touched.
# Needs: Python 3.11 or newer with venv, and make. PYTHON=/path/to/python chooses another one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ROLE ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: lab torture help demo test check lint types contracts format bench fuzz lock clean

help:
	@echo "make demo [ROLE=assembly]  set everything up and open the demo"
	@echo "make test                  set everything up and run lint, types, import contracts and all tests"
	@echo "make check                 lint, types and import contracts only"
	@echo "make format                rewrite the layout of the code"
	@echo "make bench [ARGS=...]      measure, each figure beside its bar"
	@echo "make lab GUEST=...         play scans into a guest with real input devices"
	@echo "make fuzz [ARGS=...]       search for inputs that break what reads them; --seconds, --seed"
	@echo "make torture               kill, freeze, cut and fill everything under kiosks at work, and judge the log"
	@echo "make lock                  choose newer versions and write requirements.lock"
	@echo "make clean                 remove what was set up here"

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)' here; this needs Python 3.11 or newer."; \
	  echo "Name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11 or newer, and '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 | tail -1)."; \
	  echo "Name another one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv' does not work here; on Debian it is in the package python3-venv."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	@KIOSK_STARTED_BY=make $(BIN)/kiosk demo $(ROLE) $(ARGS)

test: check
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(ARGS)

check: lint types contracts

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: $(READY)
	$(BIN)/basedpyright

contracts: $(READY)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz $(ARGS)

torture: $(READY)
	$(BIN)/python -m tests.torture $(ARGS)

lab: $(READY)
	@test -n "$(GUEST)" || { echo "Name the lab: make lab GUEST=/path/to/guest.py [CACHE=/tmp/lab] [ARGS=case]"; exit 1; }
	$(BIN)/python tests/lab/run.py --guest $(GUEST) --cache $(or $(CACHE),/tmp/kiosk-lab) $(ARGS)

# The locking tool stays out of the lock: only whoever changes a version needs it.
lock: $(READY)
	$(BIN)/python -m venv $(VENV)/locking
	$(VENV)/locking/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/locking/bin/uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --python-version 3.11 --extra dev --extra embedded --extra bench \
	  pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
