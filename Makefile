# Two commands to begin with: make up, make destroy. `make help` lists all.

STACK ?= sandbox
UV := .tools/uv/bin/uv
UV_VERSION := 0.13.9
RUN := .venv/bin/python -m
# Compiled files make every program start a second sooner; some shells switch them off.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
# Microsoft's OpenAPI descriptions, against which the sandbox is checked where they are at hand.
export AZURE_REST_API_SPECS ?= $(realpath ../shared/specs)
# The definition of the Pulumi Kubernetes Operator's resources, against which they are checked where it is at hand.
export PULUMI_OPERATOR_CRDS ?= $(realpath ../shared/crds)
# One more than there are processors: some tests wait, for a service that is slow or asks for patience.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)

.DEFAULT_GOAL := help
.PHONY: help install engine storage browser validator up preview refresh destroy down clean logs env live test nightly check bench

help: ## what there is to do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

up preview refresh destroy: install
	@$(RUN) workbench $@ --stack $(STACK)

up: ## deploy STACK (default: sandbox) to the local Azure and follow its first run
preview: ## show what up would change
refresh: ## show how Azure differs from what was deployed; changes nothing
destroy: ## remove what the stack made

env: install ## print exports for plain pulumi and purview-ai: eval "$(make -s env)"
	@$(RUN) workbench env --stack $(STACK)

down: install ## end the local Azure; it keeps what it was told
	@$(RUN) workbench down

logs: install ## show the local Azure's log
	@$(RUN) workbench logs

clean: ## end the local Azure and remove everything that was installed or made here
	@if [ -x .venv/bin/python ]; then $(RUN) workbench clean; fi
	@rm -rf .tools .venv .sandbox .purview-ai .pytest_cache .ruff_cache .hypothesis .import_linter_cache uv.lock
	@find . -name __pycache__ -prune -exec rm -rf {} +

EVIDENCE ?= evidence.json
live: install ## look at the connector of a real tenant, STACK=<stack>, and write evidence.json; changes nothing
	@$(if $(filter file,$(origin STACK)),echo "say which tenant: make live STACK=<stack>" >&2; exit 2)
	@.venv/bin/purview-ai discover --stack $(STACK) --evidence $(EVIDENCE)

test: install storage browser validator ## all tests
	$(RUN) pytest -n $(WORKERS) --dist worksteal $(TESTS)

NIGHTLY := tests/datamap/test_state_machine.py tests/datamap/test_crashes.py tests/chain/test_living.py \
	tests/chain/test_kinds_of_tenant.py tests/chain/test_any_stack_file.py tests/fleet/test_fleet_story.py

nightly: install storage ## what is too long for every change: random lives, tenants of every kind, any stack file, 50 tenants
	HYPOTHESIS_PROFILE=nightly $(RUN) pytest --timeout 0 $(NIGHTLY)

WORKFLOWS := $(wildcard pipelines/github/*.yml)

check: install .venv/bin/actionlint ## ruff, pyright, import-linter, workflows and pipelines; whether all tests can be collected together
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	.venv/bin/pyright
	.venv/bin/actionlint $(WORKFLOWS)
	.venv/bin/zizmor --quiet --offline $(WORKFLOWS)
	.venv/bin/check-jsonschema --builtin-schema vendor.azure-pipelines --data-transform azure-pipelines \
		--regex-variant python pipelines/azure-devops/*.yml
	@$(RUN) pytest --collect-only -qq >/dev/null || $(RUN) pytest --collect-only -qq

bench: install ## times, calls and memory, as ratios within one run
	PYTHONPATH=tests $(RUN) benchmarks

install: .venv/.installed engine ## tools, packages and engine, into ignored folders of the checkout

engine: .venv/.installed
	@python3 -m sandbox.engine.install

# Azure Storage on loopback. No lock file, which would name a registry: the day fixes what the exact version needs.
storage: .tools/azurite/.installed

.tools/azurite/.installed: sandbox/storage/package.json
	@echo "Installing Azurite …" >&2
	@mkdir -p .tools/azurite && cp $< .tools/azurite
	@npm install --prefix .tools/azurite --no-package-lock --no-audit --no-fund --before=2026-11-20 --loglevel=error >&2
	@touch $@

# Only where there is something to check against: it takes some minutes to build.
KUBECTL_VALIDATE_VERSION := v0.0.4
export KUBECTL_VALIDATE ?= $(CURDIR)/.tools/kubectl-validate/kubectl-validate
validator: $(if $(PULUMI_OPERATOR_CRDS),$(KUBECTL_VALIDATE))

$(CURDIR)/.tools/kubectl-validate/kubectl-validate:
	@echo "Building kubectl-validate $(KUBECTL_VALIDATE_VERSION) from its Go modules: some minutes, once …" >&2
	@GOBIN=$(@D) GOFLAGS=-mod=mod go install sigs.k8s.io/kubectl-validate@$(KUBECTL_VALIDATE_VERSION)

$(UV):
	@echo "Installing uv $(UV_VERSION) …" >&2
	@python3 -m venv .tools/uv
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

CHROMIUM ?= chromium
export CHROMIUM
browser: ## Chromium, with which the tests look at pages: Debian's package, where this may install it
	@if command -v $(CHROMIUM) >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium …" >&2; export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 && \
		apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends chromium >/dev/null; \
	else \
		echo "Chromium is missing, and the tests that look at pages will fail without it:" >&2; \
		echo "install your system's package, or name the program with CHROMIUM=<path>." >&2; \
	fi

# A Go module, which `go install` checks against the public checksums.
ACTIONLINT_VERSION := v1.7.12
.venv/bin/actionlint: .venv/.installed
	@echo "Building actionlint $(ACTIONLINT_VERSION) …" >&2
	@GOBIN="$(CURDIR)/.venv/bin" go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	@touch $@

.venv/.installed: pyproject.toml sandbox/pyproject.toml | $(UV)
	@echo "Installing Python packages …" >&2
	@$(UV) sync --all-groups >&2
	@touch $@
