# Everything runs from .venv, made from requirements.lock: `make run` to look, `make test` to check.
PYTHON ?= python3
BIN := .venv/bin

# Tests and the many processes that they start compile each module once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all test-days test-elsewhere bench fuzz lint lock clean

run: .venv/installed
	$(BIN)/pilotage demo

# Every rule, at counts that let it be run at each change. Three processes for two cores: those of browsers and servers
# wait as much as they work. One thread of polars in each: frames of tests are small, and the cores are taken.
test: .venv/installed-for-tests
	$(BIN)/python -m tests.install_programs
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 3

# The same and what is marked `full`: exhaustive grids, all examples of properties, hostile files at full size, large
# networks, PostgreSQL and S3 (where PILOTAGE_TEST_POSTGRES names a server); then another day, then a minute of fuzzing.
test-all: .venv/installed-for-tests
	$(BIN)/python -m tests.install_programs
	$(BIN)/python -m pytest --all -n 2
	$(BIN)/python -m tests.other_days --leap-day
	$(BIN)/python -m tests.fuzz

# The tests that look at a calendar, on other days, in other time zones and languages (tests/other_days.py).
test-days: .venv/installed-for-tests
	$(BIN)/python -m tests.other_days

# Every test of `make test`, on 29 February 2028 in Auckland (`make test-all` runs those that look at a calendar there).
test-elsewhere: .venv/installed-for-tests
	$(BIN)/python -m tests.install_programs
	$(BIN)/python -m tests.other_days --whole

bench: .venv/installed-for-tests
	$(BIN)/python -m tests.benchmarks

# FUZZ_SECONDS=600 make fuzz: longer than a minute. What fails is left under build/fuzz.
fuzz: .venv/installed-for-tests
	$(BIN)/python -m tests.fuzz

lint: .venv/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# uv writes the locks; it is the only thing here that is not installed from them. What the tests need beside what runs
# has a lock of its own, with the same versions.
LOCK := uv pip compile --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11
lock:
	$(LOCK) --extra build pyproject.toml -o requirements.lock
	$(LOCK) --all-extras -c requirements.lock pyproject.toml -o tests/requirements.lock

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/installed-for-tests: .venv/installed tests/requirements.lock
	$(PIP) --require-hashes -r tests/requirements.lock
	touch $@

clean:
	rm -rf .venv store build
