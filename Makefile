# Two commands: `make run` starts Flowsite, `make test` proves it. See README.md.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 8
SEEDS ?= 10000
EXAMPLES ?= 5000
VENV := .venv
BIN := $(VENV)/bin

# A stamp is named by the content of its lock file: nothing is installed, or asked of the network, twice.
digest = $(shell cat $(1) | sha256sum | cut -c1-16)
RUNTIME_STAMP := $(VENV)/.runtime-$(call digest,requirements.lock)
DEV_STAMP := $(VENV)/.dev-$(call digest,requirements-dev.lock)
NPM_STAMP := frontend/node_modules/.installed-$(call digest,frontend/package.json frontend/package-lock.json)
# Every file that the built pages may come from. The archive of `make dist` carries this stamp and so needs no Node.
digest_listed = LC_ALL=C sort | xargs -r -d '\n' sha256sum | sha256sum | cut -c1-16
front_sources = find frontend \( -name node_modules -o -path 'frontend/schema/openapi.*' -o -name '.*cache' \) -prune -o -type f -print
FRONT_STAMP := static/dist/.built-$(shell $(front_sources) | $(digest_listed))
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

# Fixed time budgets in seconds; a part that needs longer fails. `make check` as a whole stays under two minutes.
BUDGET_LINT := 30
BUDGET_TYPES := 150
BUDGET_FAST := 300
BUDGET_SSH := 180
BUDGET_REDIS := 60
BUDGET_POSTGRES := 180
BUDGET_DATABASE := 420
BUDGET_JOURNEY := 600
BUDGET_SLOW := 420
BUDGET_FRONT := 60
BUDGET_BROWSER := 1800

TEST_POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres
TEST_REDIS_URL ?= redis://127.0.0.1:6379/15
export TEST_POSTGRES_URL TEST_REDIS_URL REQUIRE_ALL

# $(call within,SECONDS,COMMAND): run a command, end it when its budget is spent: as Ctrl-C does, so that pytest still
# tells which tests failed.
within = timeout --signal=INT --kill-after=30 $(1) $(2) || { code=$$?; \
	if [ $$code -eq 124 ]; then echo "make: stopped after its budget of $(1) s: $(2)" >&2; fi; exit $$code; }
pytest = $(call within,$(1),$(BIN)/pytest -m "$(2)" $(3))

FAST := not ssh and not redis and not postgres and not journey and not browser and not slow

.PHONY: help run test check lint types imports front fast ssh redis postgres database journey browser slow screenshots pictures roundtrip simulate bench dist lock format clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME_STAMP) $(FRONT_STAMP) ## Start Flowsite on http://127.0.0.1:8000 (HOST=, PORT=, WORKERS=; FLOWSITE_DEMO=0: no demo)
	@case "$(HOST)" in 127.*|localhost|::1) export FLOWSITE_ALLOW_LOCAL="$${FLOWSITE_ALLOW_LOCAL:-1}";; esac; \
	exec $(BIN)/python manage.py up --host "$(HOST)" --port "$(PORT)" --workers "$(WORKERS)" \
		$(if $(filter 0,$(FLOWSITE_DEMO)),,--demo)

test: check ssh redis postgres journey browser slow database ## Everything; REQUIRE_ALL=1 fails where a program is missing
	@echo "make test: all parts passed"

check: lint types imports front fast ## The fast part: format, lint, types, import rules, fast tests, the front end's too

lint: $(DEV_STAMP)
	@$(call within,$(BUDGET_LINT),$(BIN)/ruff format --check --quiet .)
	@$(call within,$(BUDGET_LINT),$(BIN)/ruff check --quiet .)

types: $(DEV_STAMP)
	@$(call within,$(BUDGET_TYPES),$(BIN)/mypy)

imports: $(DEV_STAMP)
	@$(call within,$(BUDGET_LINT),$(BIN)/lint-imports --no-logo)

# The pages' own description of the API is made anew each time, for the browser's types to be held against.
front: $(DEV_STAMP) $(NPM_STAMP) $(FRONT_STAMP)
	@mkdir -p frontend/node_modules/.schema
	@$(call within,$(BUDGET_FRONT),$(BIN)/python manage.py spectacular --format openapi-json \
		--file frontend/node_modules/.schema/openapi.json)
	@cd frontend && for part in types schema lint test; do $(call within,$(BUDGET_FRONT),npm run --silent $$part) done

fast: $(DEV_STAMP) $(FRONT_STAMP)
	@$(call pytest,$(BUDGET_FAST),$(FAST),--numprocesses=2)

ssh: $(DEV_STAMP)
	@$(call pytest,$(BUDGET_SSH),ssh and not journey and not slow)

redis: $(DEV_STAMP)
	@$(call pytest,$(BUDGET_REDIS),redis and not journey and not slow)

postgres: $(DEV_STAMP)
	@$(call pytest,$(BUDGET_POSTGRES),postgres and not journey and not slow)

journey: $(DEV_STAMP) $(FRONT_STAMP)
	@$(call pytest,$(BUDGET_JOURNEY),journey and not browser,--timeout=180 --numprocesses=2 --dist=loadfile)

browser: $(DEV_STAMP) $(FRONT_STAMP) ## The pages in Chromium
	@$(call pytest,$(BUDGET_BROWSER),browser,--timeout=300 --numprocesses=2 --dist=loadfile)

slow: $(DEV_STAMP)
	@($(call pytest,$(BUDGET_SLOW),slow and not journey,--timeout=180 --numprocesses=2)) || [ $$? -eq 5 ] # 5: none is that slow

database: $(DEV_STAMP) ## The tests marked `database` once more, on PostgreSQL
	@DATABASE_URL="$(TEST_POSTGRES_URL)" $(call pytest,$(BUDGET_DATABASE),database and not journey,--on-postgres --numprocesses=2)

screenshots: $(DEV_STAMP) $(FRONT_STAMP) ## Take the pictures of docs/screenshots anew
	@$(BIN)/python -m tests.browser.screenshots

pictures: $(DEV_STAMP) ## Draw the pictures of docs/execution.md anew
	@$(BIN)/python -m tests.pictures

roundtrip: $(DEV_STAMP) ## Turn random scripts into blocks and back (EXAMPLES=5000)
	@BLOCKS_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/script/blocks/test_random.py --numprocesses=2 --timeout=3600

simulate: $(DEV_STAMP) ## Try random flows in a world full of trouble (SEEDS=10000)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS)

bench: $(RUNTIME_STAMP) ## Measure (ONLY=blocks, engine, plan, scripts)
	@$(BIN)/python -m tests.bench $(ONLY)

format: $(DEV_STAMP) ## Format and repair what ruff can
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

dist: $(FRONT_STAMP) ## Make dist/flowsite-VERSION.tar.gz, which `make run` starts without Node
	@test "$(FRONT_STAMP)" = "static/dist/.built-$$(git ls-files frontend | $(digest_listed))" || { \
		echo "make: frontend/ has files that are not in git and so not in the archive; add or remove them:" >&2; \
		git status --short --ignored frontend | grep -v node_modules >&2; exit 1; }
	@mkdir -p dist
	@{ git ls-files -z; find static/dist -type f -print0; } | LC_ALL=C sort -z -u | tar --create --gzip --null --files-from - \
		--owner=0 --group=0 --numeric-owner --mtime="@$$(git log -1 --format=%ct)" \
		--transform 's,^,flowsite-$(VERSION)/,' --file dist/flowsite-$(VERSION).tar.gz
	@echo "make: dist/flowsite-$(VERSION).tar.gz"

lock: ## Make the lock files anew from pyproject.toml (needs uv)
	@compile="uv pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --universal"; \
	compile="$$compile --python-version 3.11 --custom-compile-command"; \
	$$compile 'make lock' -o requirements.lock; \
	$$compile 'make lock' --group dev -o requirements-dev.lock

clean: ## Remove what make made; the data in var/ stays
	@rm -rf $(VENV) frontend/node_modules static/dist dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- the virtual environment --------------------------------------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "make: Python 3.11 or newer is needed ('$(PYTHON)' is not): install it, or set PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "make: Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# $(call install,LOCK,STAMP): install a hashed lock file, then forget the stamps of its older contents.
define install
	@echo "make: installing $(1)"
	@log=$$(mktemp); $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) 2>"$$log" || \
		{ tail -n 3 "$$log" >&2; rm -f "$$log"; \
		echo "make: could not install $(1): check the network and the package index of pip, then try again" >&2; exit 1; }; \
		rm -f "$$log"
	@rm -f $(firstword $(subst -, ,$(2)))-*; touch $(2)
endef

$(RUNTIME_STAMP): | $(VENV)/bin/python
	$(call install,requirements.lock,$@)

$(DEV_STAMP): | $(VENV)/bin/python $(RUNTIME_STAMP)
	$(call install,requirements-dev.lock,$@)

# --- the front end ------------------------------------------------------------------------------------------------

define need_node
	@found=$$(node --version 2>/dev/null || echo none); \
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
		2>/dev/null && command -v npm >/dev/null || \
		{ echo "make: Node 20.19 or newer with npm is needed to build the pages (found: $$found): install it, or use the" \
			"archive that \`make dist\` makes elsewhere" >&2; exit 1; }
endef

$(NPM_STAMP):
	$(need_node)
	@echo "make: installing frontend/package-lock.json"
	@log=$$(mktemp); (cd frontend && npm ci --no-audit --no-fund --loglevel=error) >"$$log" 2>&1 || \
		{ tail -n 3 "$$log" >&2; rm -f "$$log"; \
		echo "make: could not install frontend/package-lock.json: check the network and the registry of npm, then try again" >&2; \
		exit 1; }; rm -f "$$log"
	@touch $@

$(FRONT_STAMP):
	$(need_node)
	@$(MAKE) --no-print-directory $(NPM_STAMP)
	@echo "make: building the pages"
	@log=$$(mktemp); (cd frontend && npm run --silent build) >"$$log" 2>&1 || \
		{ cat "$$log" >&2; rm -f "$$log"; echo "make: the pages could not be built" >&2; exit 1; }; rm -f "$$log"
	@touch $@
