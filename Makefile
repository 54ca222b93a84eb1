# The daily commands. Python 3.11 or newer and make are all that is needed; nothing is installed
# outside this folder. `make` alone lists what there is.

VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { command -v "$$name"; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-annotate
FAST := not slow and not browser and not postgres and not redis
NO_PYTHON := Python 3.11 or newer was not found. Install it, or name it: make run PYTHON=/path/to/python3
NO_NPM := Node 20 or newer and npm were not found. On Debian or Ubuntu: apt-get install nodejs npm.
NO_VENV := On Debian or Ubuntu: apt-get install python3-venv. Then run make again.

.DEFAULT_GOAL := help
.PHONY: help run test check contract bench keys lock clean

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/.ready-to-run ## Run the demo on this machine (PORT=8000 HOST=127.0.0.1 DATA=data)
	@exec $(BIN)/connector up --demo --data "$(DATA)" --host "$(HOST)" --port "$(PORT)"

test: $(VENV)/.ready-to-test ## Everything: style, types, import rules, the whole test suite
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadfile $(PYTEST)

check: $(VENV)/.ready-to-test ## The same with the fast tests only, on SQLite: under a minute
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q -n auto --dist loadfile -m "$(FAST)" $(PYTEST)

contract: $(VENV)/.ready-to-test .contract/.ready ## Ask programs that we did not write (needs Node and npm)
	@CONNECTOR_REQUIRE=contract $(BIN)/pytest tests/contract $(PYTEST)

bench: $(VENV)/.ready-to-run ## Measure the hot paths beside their floors
	@exec $(BIN)/connector bench $(BENCH)

keys: $(VENV)/.ready-to-run ## Make a fresh set of secret keys
	@exec $(BIN)/connector keys

lock: $(VENV)/.ready-to-test ## Pin the newest versions that pyproject.toml allows
	@$(PIP) install uv
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) --group build -c requirements.lock -o requirements-build.lock
	@$(LOCK) pyproject.toml --group dev -o requirements-dev.lock

clean: ## Remove the environment and the caches (never your data)
	rm -rf $(VENV) .contract .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)" >&2; exit 1; }
	@test -x $(BIN)/python || echo "Making the environment in $(VENV) (a minute, once) ..."
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || { \
		rm -rf $(VENV); echo "This Python cannot make environments. $(NO_VENV)" >&2; exit 1; }
	@touch $@

$(VENV)/.ready-to-run: $(VENV)/.made requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing what the service needs ..."
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready-to-run requirements-dev.lock
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.contract/.ready: tests/contract/package.json tests/contract/package-lock.json
	@command -v npm >/dev/null || { echo "$(NO_NPM)" >&2; exit 1; }
	@echo "Installing other people's programs in .contract (half a minute, once) ..."
	@mkdir -p .contract
	@cp tests/contract/package.json tests/contract/package-lock.json .contract/
	@SCARF_ANALYTICS=false npm ci --prefix .contract --ignore-scripts --no-audit --no-fund \
		--loglevel=error >/dev/null
	@touch $@
