# `make run` and `make test` need nothing but a bare python3 (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
# Byte code of what users start is made once at installation: every later start is a second shorter.
COMPILED = --compile-bytecode
PINS = $(UV) pip install -q --python $(BIN)/python --require-hashes

.PHONY: help run test check format coverage bench campaign clean
help:
	@echo "make run [ARGS=…]   start the service on http://127.0.0.1:8000, or pass arguments to the command line"
	@echo "make test [ARGS=…]  all tests      make check  format, lint, types, import contracts"
	@echo "make coverage       write the coverage tables of README and docs/"
	@echo "make bench          comparison with peers      make campaign NAME=…  a long campaign"

# A python3 without ensurepip cannot make a venv with pip: then uv makes it.
$(UV):
	@$(PYTHON) -m venv .venv && $(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9 || \
	 ( rm -rf .venv && $(PYTHON) -m pip install -q --target .tools uv==0.13.9 && .tools/bin/uv venv -q -p $(PYTHON) .venv && cp .tools/bin/uv $(UV) )

.venv/.run: $(UV) requirements/run.txt pyproject.toml
	@echo "Installing …"
	@$(PINS) $(COMPILED) -r requirements/run.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src api
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@$(PINS) -r requirements/dev.txt
	@touch $@

.venv/.bench: .venv/.run requirements/bench.txt
	@$(PINS) $(COMPILED) -r requirements/bench.txt
	@touch $@

run: .venv/.run
	@$(BIN)/policy-match $(if $(ARGS),$(ARGS),serve --push)

test: .venv/.dev
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.dev
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/.dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

coverage: .venv/.run
	@$(BIN)/python scripts/write_coverage.py

bench: .venv/.bench
	@$(BIN)/python -m benchmarks

campaign: .venv/.dev
	@$(BIN)/python -m benchmarks.campaign $(NAME)

clean:
	@rm -rf .venv .tools var
