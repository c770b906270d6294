# Forerun. `make` alone says what there is.

SWIFT  ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
# Which benchmark: steps, overhead, startup, branches, predictors, chess, transport, lookahead, theory, hindsight, heads,
# scale, logs (writes 1.7 GB to TMPDIR), logging, dashboard; none: all of them.
NAME   ?=
# A target must say what it imports.
CHECK  := --explicit-target-dependency-import-check error
BIN     = $(shell $(SWIFT) build -c release --show-bin-path)
# With Swift's own libraries inside, programs start sooner, and run where Swift is not installed.
STATIC  = $(wildcard $(shell $(SWIFT) -print-target-info 2>/dev/null | \
    sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1_static/p')/linux/libswiftCore.a)
RELEASE = -c release $(if $(STATIC),--static-swift-stdlib)
# The helper again, without Swift's libraries: each branch begins as a copy of its process.
HELPER  = -O2 -g -std=gnu11 -fPIE -fstack-protector-strong -ISources/CBranch/include

.PHONY: help deps needs build demo test conformance soak bench lint install clean
.NOTPARALLEL:

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

deps:  ## Install what is missing: libcurl, SQLite, zlib, Stockfish, a C compiler; for tests tmux and Chromium
	@.ci/deps tests

# Without what only tests need.
needs:
	@.ci/deps

build: needs  ## Build the command line program (release)
	$(SWIFT) build $(RELEASE) --product forerun
	$(SWIFT) build $(RELEASE) --product forerun-branch
	$(CC) $(HELPER) -o "$(BIN)/forerun-branch" Sources/CBranch/*.c Sources/forerun-branch/main.c

demo: build  ## Play a chess game and repair a program, each with and without speculation
	Agents/Demos/run

# Tests that began have their turns soon, and end: of all at once each would wait minutes for the next. Swift 6.3 and later.
WIDTH = $(if $(shell $(SWIFT) test --help-hidden 2>/dev/null | grep -o experimental-maximum-parallelization-width), \
    --experimental-maximum-parallelization-width 8)

# Its last line is the test runner's summary; what failed stands right before it, and everything in .build/test.log.
test: SHELL := bash
test: deps  ## Run the tests
	$(SWIFT) build --build-tests $(CHECK)
	@set -o pipefail; $(SWIFT) test $(CHECK) --disable-xctest $(WIDTH) 2>&1 | tee .build/test.log || \
	    { echo; echo "What failed:"; grep -E '✘|↳|error: |Fatal error' .build/test.log; exit 1; }

# About 3 minutes once the tests are built; the first time some 15 more, for the clients, LiteLLM and llama-cpp-python from PyPI,
# which stay in .build/conformance. Reads ../shared/conformance.
conformance: deps  ## Run the conformance suites: JSON, JSON Schema, OTLP, servers and clients that others wrote
	$(SWIFT) build --build-tests $(CHECK)
	Tests/Conformance/servers/with-servers $(SWIFT) test $(CHECK) --disable-xctest --filter Conformance
	SWIFT="$(SWIFT)" Tests/Conformance/clients/run
	SWIFT="$(SWIFT)" Tests/Conformance/telemetry/run

# Hours. So many repetitions want optimised code: tests are built for release here, in a folder of their own, which takes some
# 20 minutes. Tests that repeat themselves read FORERUN_SOAK and go on for longer: 10 minutes for all that is fuzzed and for the
# faults of endpoints, hours for 10 million scenarios.
SOAK = -c release -Xswiftc -enable-testing --scratch-path .build/soak

soak: deps  ## Run the property and stress tests for long
	$(SWIFT) build --build-tests $(SOAK) $(CHECK)
	FORERUN_SOAK=1 $(SWIFT) test $(SOAK) $(CHECK) --disable-xctest $(WIDTH) \
	    --filter 'Promise|Mutant|Soak|Stress|StreamProperty|FleetProperty|FaultTable|Cancelling|Fuzz|HTTP2Tests|PatternTraces'

bench: build  ## Run the benchmarks, or one: make bench NAME=steps
	FORERUN_PEERS=1 $(SWIFT) build $(RELEASE) --product forerun-bench
	"$(BIN)/forerun-bench" $(NAME)

lint:  ## Check format and rules
	@.ci/lint

install: build  ## Install to PREFIX (default /usr/local), below DESTDIR
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/forerun/Agents" \
	    "$(DESTDIR)$(PREFIX)/share/forerun/Prompts" "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	    "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -m 755 "$(BIN)/forerun" "$(BIN)/forerun-branch" "$(DESTDIR)$(PREFIX)/bin"
	install -m 644 Agents/*.md "$(DESTDIR)$(PREFIX)/share/forerun/Agents"
	install -m 644 Prompts/*.mustache "$(DESTDIR)$(PREFIX)/share/forerun/Prompts"
	"$(BIN)/forerun" --generate-completion-script bash \
	    > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/forerun"
	"$(BIN)/forerun" --generate-completion-script zsh > "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_forerun"
	"$(BIN)/forerun" --generate-completion-script fish \
	    > "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/forerun.fish"

clean:  ## Remove what was built
	rm -rf .build Package.resolved
