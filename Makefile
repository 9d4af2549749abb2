# Two commands are enough: `make run` and `make test`. Each step says what it does; its output is in .cache/log/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

ROOT  := $(CURDIR)
ARCH  := $(subst x86_64,x64,$(subst aarch64,arm64,$(shell uname -m)))
TOOLS := $(ROOT)/.cache/tools/node_modules
STEP  := tools/setup/step.sh

# Everything runs on our own Node, whatever the machine has.
export PATH := $(TOOLS)/node-linux-$(ARCH)/bin:$(TOOLS)/.bin:$(ROOT)/node_modules/.bin:$(PATH)
export MEDIASOUP_WORKER_BIN := $(ROOT)/.cache/mediasoup-worker/mediasoup-worker
# The machine's certificate authorities count for fetching too (a company's proxy, a mirror of its own).
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export NODE_EXTRA_CA_CERTS ?= /etc/ssl/certs/ca-certificates.crt
endif
# Speech models that lie beside the checkout are used instead of fetching them.
ifneq ($(wildcard $(ROOT)/../shared/models),)
export SITEBOX_MODELS ?= $(abspath $(ROOT)/../shared/models)
endif

# What is built once is kept under a name with the digest of what it was built from.
digest      = $(shell cat $(1) 2>/dev/null | sha256sum | cut -c1-12)
PACKAGES    := node_modules/.sitebox-$(call digest,package-lock.json tools/setup/toolchain/package-lock.json)
WORKER      := .cache/mediasoup-worker/.built-$(call digest,package-lock.json $(wildcard tools/src/mediasoup-worker/*.ts tools/src/mediasoup-worker/include/* tools/src/mediasoup-worker/include/*/*))
POCKETSPHINX_SOURCES := $(wildcard appliance/src/speech/engines/pocketsphinx/*.c appliance/src/speech/engines/pocketsphinx/*.h appliance/src/speech/engines/pocketsphinx/*.sh)
DAHDI_SOURCES := $(wildcard drivers/src/dahdi/helper/*.c drivers/src/dahdi/helper/*.h drivers/src/dahdi/helper/*.sh)
UI_SOURCES  := $(shell find ui core/src/contract -type f -not -path '*/node_modules/*' -not -path 'ui/dist/*' -not -path '*/.types/*' -not -name '*.test.ts' 2>/dev/null)

.PHONY: run dev test check unit scenario bench bench-peer torture fuzz modem-cycles test-dahdi setup image-root clean help

run: setup ## install what is missing, build, and start a demo hotel's box and headquarters (Ctrl-C stops both)
	@exec node tools/src/run.ts

dev: setup ## the same, but both servers restart and the pages rebuild when a source file changes
	@exec node tools/src/run.ts --watch

test: setup-test lint types ## everything: check, and the scenarios with real telephones, browsers and processes
	@node tools/src/test.ts node,ui scenario

check: setup-test lint types ## format, lint, types and the tests beside the code
	@node tools/src/test.ts node,ui

unit: setup-test ## only the tests beside the code
	@node tools/src/test.ts node,ui

scenario: setup-test ## only the scenarios
	@node tools/src/test.ts scenario

bench: setup-test ## reply latency, understanding, memory; calls a second, CPU a call, sound under loss and by modems (ONLY=assistant|telephony|modem)
	@node bench/src/main.ts $(if $(ONLY),--only $(ONLY))

bench-peer: apt-image ## Asterisk in a root file system of its own, for `make bench` to be measured by
	@tools/asterisk-root.sh

torture: setup-test ## what the SIP endpoint does with each message of RFC 4475, expected and got
	@node drivers/src/sip/torture/main.ts

fuzz: setup-test ## a million mutated SIP messages through the parser, a hundred thousand through the endpoint
	@node --expose-gc drivers/src/sip/fuzz/main.ts

test-dahdi: apt-dahdi toolchain $(PACKAGES) ## the helper for telephony cards against the kernel's own DAHDI modules, in a virtual machine (five minutes)
	@tools/dahdi-vm/run.sh

modem-cycles: setup-test ## 200 times a scripted modem is unplugged, hangs or restarts: how long until it is back, and what is left open
	@node --expose-gc drivers/src/gsm/cycles/main.ts

setup: apt-run toolchain $(PACKAGES) $(WORKER) .cache/native/sitebox-pocketsphinx .cache/native/sitebox-dahdi models ui/dist/.built ## install and build everything that `make run` needs

image-root: apt-image setup ## a Debian root file system with the box installed, and a start of the box in it
	@images/build-root.sh

clean: ## remove what was built and all data of the demo (Node packages and the user's cache stay)
	rm -rf var .cache ui/dist images/.build coverage
	find . -name .types -type d -not -path './node_modules/*' -prune -exec rm -rf {} +
	find . -name '*.tsbuildinfo' -not -path './node_modules/*' -delete

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

# ---- steps of the set-up

.PHONY: setup-test apt-run apt-test apt-image apt-dahdi toolchain models lint types

setup-test: apt-test setup

apt-run:
	@tools/setup/packages.sh run

apt-test:
	@tools/setup/packages.sh run test

apt-dahdi:
	@tools/setup/packages.sh run dahdi

apt-image:
	@tools/setup/packages.sh run image

toolchain: apt-run
	@tools/setup/toolchain.sh

# Native modules are compiled against our Node's headers, so nothing is downloaded that is not in the lock file.
$(PACKAGES): export npm_config_nodedir := $(TOOLS)/node-linux-$(ARCH)
$(PACKAGES): export npm_config_build_from_source := true
$(PACKAGES): | toolchain
	@$(STEP) npm-ci "Node packages from the lock file; sqlite3, node-pty and serialport are compiled (about two minutes)" \
	  "Look whether this machine reaches the npm registry (npm ping; npm config get registry proxy cafile), then run make again." \
	  npm ci
	@touch $@

$(WORKER): | $(PACKAGES)
	@$(STEP) mediasoup-worker "Media worker for browsers' calls (compiled once a machine, about four minutes)" \
	  "The packages it needs are in tools/setup/apt-packages.txt. An interrupted build goes on where it stopped." \
	  node tools/src/mediasoup-worker/build.ts
	@touch $@

.cache/native/sitebox-pocketsphinx: $(POCKETSPHINX_SOURCES) | apt-run
	@mkdir -p $(@D)
	@$(STEP) pocketsphinx "Speech engine's native program" \
	  "It needs g++, libpocketsphinx-dev and libsphinxbase-dev." \
	  appliance/src/speech/engines/pocketsphinx/build.sh $(ROOT)/$@
	@touch $@

.cache/native/sitebox-dahdi: $(DAHDI_SOURCES) | apt-run
	@mkdir -p $(@D)
	@$(STEP) dahdi-helper "Native program for telephony cards" \
	  "It needs a C compiler only; DAHDI itself is not needed to build it." \
	  drivers/src/dahdi/helper/build.sh $(ROOT)/$@
	@touch $@

models: $(PACKAGES)
	@NODE_USE_ENV_PROXY=1 node provisioning/src/models/main.ts --into var/models

ui/dist/.built: $(UI_SOURCES) $(PACKAGES)
	@$(STEP) ui "Pages: desk, field, console, visitor" \
	  "Read the log: a page does not build." \
	  npm run -w ui build
	@touch $@

lint:
	@$(STEP) lint "Format and lint" "npx biome check --write mends what can be mended by itself." biome check --error-on-warnings

types:
	@$(STEP) types "Types" "tsc -b and vue-tsc say where." bash -euc 'tsc -b; vue-tsc --noEmit -p ui'
