# Each thing that is installed or built leaves a stamp; while nothing that it was made from changes, it is left alone.
PYTHON ?= python3
export PYTHON

PAGE := $(shell find static/src -type f ! -name protocol.d.ts 2>/dev/null) static/vite.config.ts static/tsconfig.json
NODE := static/node_modules/.zooscope
DIST := static/dist/.zooscope

.PHONY: help demo test bench check
.DELETE_ON_ERROR:

help:
	@echo "make demo    start a ZooKeeper ensemble, nodes and the dashboard on this machine"
	@echo "             HOST=127.0.0.1 PORT=8000 SERVERS=3 (1, 3, 5, 7) NODES=5"
	@echo "make test    everything that is checked and tested"
	@echo "make check   ruff, mypy and tsc only"
	@echo "make bench   measure what the README says of speed"
	@echo
	@echo "A cluster that exists: .venv/bin/python manage.py serve --zookeeper host:port,host:port[/chroot]"

demo: .venv/.zooscope .venv/.java $(DIST)
	@exec .venv/bin/python manage.py demo

test: .venv/.java .venv/.chromium $(DIST) check
	cd static && npm test
	.venv/bin/python -m pytest

check: .venv/.zooscope-test $(NODE)
	.venv/bin/ruff check .
	.venv/bin/mypy
	cd static && npm run --silent check

bench: .venv/.zooscope-test .venv/.java $(DIST)
	.venv/bin/python -m tests.benchmarks

.venv/pyvenv.cfg:
	@.ci/need venv
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv

.venv/.zooscope: .venv/pyvenv.cfg pyproject.toml .constraints.txt
	@echo "Installing the Python packages"
	@.venv/bin/pip install --quiet --disable-pip-version-check --constraint .constraints.txt --editable .
	@touch $@

.venv/.zooscope-test: .venv/.zooscope
	@echo "Installing the Python packages for tests"
	@.venv/bin/pip install --quiet --disable-pip-version-check --constraint .constraints.txt --editable '.[test]'
	@touch $@

.venv/.java: .venv/.zooscope zkbridge/lab/java.py
	@.ci/need java
	@touch $@

.venv/.chromium:
	@.ci/need chromium
	@touch $@

$(NODE): static/package.json static/package-lock.json
	@.ci/need node
	@echo "Installing the front end's packages"
	@cd static && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(DIST): $(NODE) $(PAGE)
	@echo "Building the page"
	@cd static && npm run --silent build -- --logLevel warn
	@touch $@
