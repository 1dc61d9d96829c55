# Everything that a contributor or a first-time user types; `make` alone lists it.
# Setting up is done by scripts/setup.sh once, and again when one of $(SETUP_INPUTS) has changed.

PYTHON := .venv/bin/python
SETUP_INPUTS := pyproject.toml requirements.lock scripts/setup.sh
READY := .venv/.ready
READY_DEV := .venv/.ready-dev

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo talk test lint format bench soak lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile
	@echo 'Options are passed on with ARGS, such as: make talk ARGS="--local --text hello"'

demo: $(READY) ## hold a spoken conversation on this machine: no key, no network
	@.venv/bin/voicecli demo $(ARGS)

talk: $(READY) ## talk with the model (needs a key, or ARGS=--local)
	@.venv/bin/voicecli talk $(ARGS)

test: $(READY_DEV) ## run the tests
	@$(PYTHON) -m pytest --numprocesses=auto --dist=worksteal $(ARGS)

lint: $(READY_DEV) ## check style, types and shell scripts
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy --strict voicecli tests bench
	@if command -v shellcheck >/dev/null 2>&1; then \
		shellcheck scripts/*.sh .ci/run; \
	else \
		echo "shellcheck is not installed: the shell scripts were not checked"; \
	fi

format: $(READY_DEV) ## put the code into the project's form
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

bench: $(READY) ## measure voicecli beside its peers (ARGS=--short: alone, two minutes)
	@$(PYTHON) -m bench $(ARGS)

soak: $(READY_DEV) ## 1,000 turns with faults, some 20 minutes (ARGS=--short: one minute)
	@$(PYTHON) tests/soak.py $(ARGS)

lock: $(READY) ## write requirements.lock anew (ARGS=--upgrade: with the newest versions)
	@sh scripts/lock.sh $(ARGS)

clean: ## remove .venv and everything else that these commands made
	rm -rf .venv .bench build dist voicecli.egg-info tests/js/node_modules
	rm -rf .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): $(SETUP_INPUTS)
	@sh scripts/setup.sh
	@touch $@

# What the tests need holds all that the demo needs.
$(READY_DEV): $(SETUP_INPUTS)
	@sh scripts/setup.sh dev
	@touch $(READY) $@
