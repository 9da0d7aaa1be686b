# Every target works from a clean clone with nothing but make and Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Both test processes, and the next run, read the compiled tests instead of compiling them again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV ?= .venv
SAM_VENV ?= .venv-sam
EMULATOR_VENV ?= .venv-emulator
CHECKOV_VENV ?= .venv-checkov
BROWSER_VENV ?= .venv-browser
DOCS_VENV ?= .venv-docs
FAULT_TESTS = tests/functional/faults
TESTS ?= tests --ignore=$(FAULT_TESTS) --ignore=tests/upgrade
PYTEST_ARGS ?= -n 2

# --no-deps: a lock is complete, so nothing is left to resolve.
PIP = pip --quiet --quiet --disable-pip-version-check install --no-deps
SAM = SAM_CLI_TELEMETRY=0 PATH="$(abspath $(SAM_VENV))/bin:$$PATH" sam
UV = "$(abspath $(SAM_VENV))/bin/uv"
# Both functions are one code, built once.
ARTEFACT = .aws-sam/build/SyncFunction-Shared
# What Lambda's runtime brings along; the rest of the dependencies goes into the artefact.
PROVIDED = boto3 botocore s3transfer python-dateutil six
# One resolution serves all versions of Python and all platforms; the locks hold no download address.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(VENV)/.stamp ## Install what demo, tests, lint and types need

# A file stays in one process: its tests share worlds, first runs and parsed files.
.PHONY: test
test: $(VENV)/.stamp ## Run the tests (TESTS=tests/unit, PYTEST_ARGS=... narrow it down)
	@$(VENV)/bin/pytest --dist loadfile $(PYTEST_ARGS) -m "not slow" $(TESTS)

.PHONY: faults
faults: $(VENV)/.stamp ## Try each fault at each kind of call, kill runs, race them, upgrade, extend enums (FAULTS=all: at all places)
	@$(VENV)/bin/pytest $(PYTEST_ARGS) $(FAULT_TESTS) tests/upgrade tests/exhaustiveness

.PHONY: lint
lint: $(VENV)/.stamp ## Check style and formatting
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check

# Two processes share the work. On a machine that is too busy to start them in time, mypy ends with
# status 2, and one process does all of it.
.PHONY: types
types: $(VENV)/.stamp ## Check types
	@$(VENV)/bin/mypy --num-workers 2 || { [ $$? = 2 ] && $(VENV)/bin/mypy; }

.PHONY: check
check: lint types ## Check style, formatting and types

.PHONY: demo
demo: $(VENV)/.stamp ## Watch a Datasphere tenant become Glue tables, all on this machine
	@$(VENV)/bin/python -m local.demo

.PHONY: demo-serve
demo-serve: $(VENV)/.stamp ## Keep the demo's tenant and catalog running, to try the command line
	@$(VENV)/bin/python -m local.serve

.PHONY: fidelity
fidelity: $(VENV)/.stamp ## Judge whether Glue holds the content of exports or recorded folders (FILE="...")
	@$(VENV)/bin/python -m tools.fidelity $(FILE)

.PHONY: term-counts
term-counts: $(VENV)/.stamp ## Count the annotations and structures of CSN exports (FILE=...)
	@$(VENV)/bin/python -m tools.measure_terms $(FILE)

.PHONY: reference
reference: $(VENV)/.stamp ## Write the pages of docs/ that come from the code
	@$(VENV)/bin/python -m tools.type_table
	@$(VENV)/bin/python -m tools.config_schema
	@$(VENV)/bin/python -m tools.reference
	@$(VENV)/bin/python -m tools.reference_shown

.PHONY: docs
docs: $(DOCS_VENV)/.stamp ## Build the documentation site into build/docs (needs no network to read)
	@rm -rf build/docs
	@$(DOCS_VENV)/bin/sphinx-build -q -n -W --keep-going -d build/doctrees docs build/docs
	@echo "file://$(CURDIR)/build/docs/index.html"

.PHONY: bench
bench: $(VENV)/.stamp ## Measure runs of any size against their bounds; writes build/bench.json and docs/performance.*
	@$(VENV)/bin/python -m benchmarks

.PHONY: validate
validate: $(VENV)/.stamp $(SAM_VENV)/.stamp ## Check the template, and again after the SAM transform
	@$(SAM) validate --lint
	@mkdir -p build
	@$(VENV)/bin/python -m deploy.stack > build/transformed.json
	@$(SAM_VENV)/bin/cfn-lint build/transformed.json catalog-role.yaml
	@echo "the transformed template is clean too"

.PHONY: security-check
security-check: $(VENV)/.stamp $(CHECKOV_VENV)/.stamp ## Hold the transformed template against known mistakes
	@mkdir -p build
	@$(VENV)/bin/python -m deploy.stack > build/transformed.json
	@$(CHECKOV_VENV)/bin/checkov --config-file deploy/checkov.yaml \
		--file build/transformed.json catalog-role.yaml
	@echo "no known mistake in the transformed template"

.PHONY: build
build: $(SAM_VENV)/.stamp ## Build the deployable artefact (sam build)
	@$(SAM) build --beta-features

# The artefact is machine code for Lambda's processor. To import it here, its own lock is installed
# once more for this machine; boto3 comes from beside it, as Lambda's runtime brings it.
.PHONY: package-check
package-check: build $(VENV)/.stamp ## Weigh the artefact and import the handler from it alone
	@$(VENV)/bin/python -m deploy.package $(ARTEFACT) arm64
	@rm -rf build/host build/runtime
	@python=$$(PATH="$(abspath $(SAM_VENV))/bin:$$PATH" deploy/find-python 3.13 \
		|| $(VENV)/bin/python -c 'import sys; print(sys.executable)') && \
	$(UV) pip install --quiet --python "$$python" --target build/host \
		--require-hashes --no-build -r $(ARTEFACT)/requirements.txt && \
	$(UV) pip install --quiet --python "$$python" --target build/runtime \
		--no-build --constraints requirements/dev.txt boto3 && \
	cp -R $(ARTEFACT)/datasphere_glue build/host/ && \
	env -i AWS_LAMBDA_FUNCTION_NAME=check AWS_DEFAULT_REGION=eu-central-1 \
		PYTHONPATH="$(CURDIR)/build/host:$(CURDIR)/build/runtime" "$$python" -s -S -P -B -c \
		'import sys, datasphere_glue.handler as h; assert callable(h.lambda_handler); \
		print("the handler imports from the artefact alone on Python", sys.version.split()[0])'

.PHONY: e2e
e2e: $(EMULATOR_VENV)/.stamp $(VENV)/.stamp $(SAM_VENV)/.stamp ## Deploy to an emulator of AWS and put the stack to work
	@EMULATOR_PYTHON="$(abspath $(EMULATOR_VENV))/bin/python" SAM="$(abspath $(SAM_VENV))/bin/sam" \
		$(VENV)/bin/pytest $(E2E_ARGS) e2e

.PHONY: browser
browser: $(BROWSER_VENV)/.stamp ## Use the report in a real browser (BENCH=1: hold it to its time, too)
	@command -v chromedriver >/dev/null && \
		{ command -v chromium || command -v google-chrome; } >/dev/null || \
		{ echo "no browser: chromium and chromedriver are needed (Debian: chromium-driver)" >&2; \
		exit 1; }
	@$(BROWSER_VENV)/bin/pytest $(BROWSER_ARGS) browser

.PHONY: page
page: page/node_modules/.stamp ## Check, test and bundle the scripts of the report page (needs node)
	@cd page && npm run --silent lint && npm run --silent types && npm test --silent && \
		npm run --silent build

.PHONY: page-check
page-check: page/node_modules/.stamp ## The same, but fail where the checked-in bundles differ
	@cd page && npm run --silent lint && npm run --silent types && npm test --silent && \
		npm run --silent compare
	@echo "the scripts of the page are clean, and their bundles are current"

.PHONY: lock
lock: $(SAM_VENV)/.stamp ## Resolve the dependencies anew (LOCK_ARGS=--upgrade for newer versions)
	@$(COMPILE) $(LOCK_ARGS) --extra cli --extra lineage -o requirements/dev.txt pyproject.toml \
		requirements/dev.in
	@$(COMPILE) $(LOCK_ARGS) -o requirements/sam.txt requirements/sam.in
	@$(COMPILE) $(LOCK_ARGS) -o requirements/emulator.txt requirements/emulator.in
	@$(COMPILE) $(LOCK_ARGS) -o requirements/checkov.txt requirements/checkov.in
	@$(COMPILE) $(LOCK_ARGS) -o requirements/docs.txt requirements/docs.in
	@$(COMPILE) $(LOCK_ARGS) -c requirements/dev.txt -o requirements/browser.txt pyproject.toml \
		requirements/browser.in
	@# What is deployed is what is tested: the runtime lock follows the versions of the dev lock.
	@$(COMPILE) -c requirements/dev.txt $(PROVIDED:%=--no-emit-package %) \
		-o src/requirements.txt pyproject.toml

.PHONY: clean
clean: ## Remove everything that make made
	@rm -rf .venv .venv-* .aws-sam build .demo .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		page/node_modules
	@find src local deploy tests e2e browser -name __pycache__ -prune -exec rm -rf {} +

.PHONY: python-ok
python-ok:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }

# --no-index: the project itself is installed from this folder with what the lock brought.
$(VENV)/.stamp: requirements/dev.txt pyproject.toml | python-ok
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/$(PIP) --require-hashes -r requirements/dev.txt
	@$(VENV)/bin/$(PIP) --no-index --no-build-isolation --editable .
	@touch $@

$(SAM_VENV)/.stamp: requirements/sam.txt | python-ok
	@echo "setting up $(SAM_VENV) ..."
	@$(PYTHON) -m venv $(SAM_VENV)
	@$(SAM_VENV)/bin/$(PIP) --require-hashes -r requirements/sam.txt
	@touch $@

$(CHECKOV_VENV)/.stamp: requirements/checkov.txt | python-ok
	@echo "setting up $(CHECKOV_VENV) ..."
	@$(PYTHON) -m venv $(CHECKOV_VENV)
	@$(CHECKOV_VENV)/bin/$(PIP) --require-hashes -r requirements/checkov.txt
	@touch $@

$(DOCS_VENV)/.stamp: requirements/docs.txt | python-ok
	@echo "setting up $(DOCS_VENV) ..."
	@$(PYTHON) -m venv $(DOCS_VENV)
	@$(DOCS_VENV)/bin/$(PIP) --require-hashes -r requirements/docs.txt
	@touch $@

$(BROWSER_VENV)/.stamp: requirements/browser.txt | python-ok
	@echo "setting up $(BROWSER_VENV) ..."
	@$(PYTHON) -m venv $(BROWSER_VENV)
	@$(BROWSER_VENV)/bin/$(PIP) --require-hashes -r requirements/browser.txt
	@touch $@

page/node_modules/.stamp: page/package-lock.json page/package.json page/.npmrc
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "node and npm are needed to work on the page (nothing else needs them)" >&2; exit 1; }
	@echo "setting up page/node_modules ..."
	@cd page && npm ci --silent
	@touch $@

# The emulator runs functions on its own interpreter: it must be the one that Lambda would take.
$(EMULATOR_VENV)/.stamp: requirements/emulator.txt $(SAM_VENV)/.stamp
	@echo "setting up $(EMULATOR_VENV) ..."
	@python=$$(PATH="$(abspath $(SAM_VENV))/bin:$$PATH" deploy/find-python 3.13) || \
		{ echo "no emulator: it needs Python 3.13, and none was found on this machine" >&2; exit 1; }; \
	"$$python" -m venv --clear $(EMULATOR_VENV) && \
	$(EMULATOR_VENV)/bin/$(PIP) --require-hashes -r requirements/emulator.txt || \
		{ echo "no emulator: its packages could not be installed" >&2; exit 1; }
	@touch $@
