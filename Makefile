# Unified System Monitor. `make help` lists what there is.

VENV    ?= .venv
PYTHON  ?= python3
CARGO   ?= cargo
BIN     := $(VENV)/bin
TARGET  := $(or $(CARGO_TARGET_DIR),target)

# What `make lib` makes and `make install` installs.
LIBRARIES ?= $(TARGET)/lib

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run develop lib install uninstall test bench bench-relief bench-history nab bench-forecast bench-judge soak valgrind tsan fuzz bless bless-abi clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: develop ## build, install into .venv and show the live state of this machine
	@echo "== the live state of this machine (usm status)"
	@$(BIN)/usm status

develop: $(BIN)/python ## build and install the Python package and the usm command into .venv
	@echo "== building and installing into $(VENV) (the first time takes a few minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check ./python

lib: $(TARGET)/lib/libusm.a ## build the C library: libusm.so and libusm.a in target/lib
	@echo "== $(TARGET)/lib has libusm.so and libusm.a; the header is include/usm.h"

# Not phony: `sudo make install` after `make lib` builds nothing.
$(TARGET)/lib/libusm.a: $(shell find Cargo.toml Cargo.lock .cargo core \
    ffi/Cargo.toml ffi/build.rs ffi/src ffi/install include \
    -type f -not -path '*/tests/*' -not -path '*/benches/*')
	@echo "== building the C library (the first time takes some minutes)"
	@CARGO="$(CARGO)" ffi/install/build.sh $(TARGET)/lib

# `make lib FEATURES=reports`: with these only, and `make install` then installs that. What is
# there may have been built with others.
ifeq ($(origin FEATURES),command line)
export USM_FEATURES := $(FEATURES)
.PHONY: $(TARGET)/lib/libusm.a
endif

install: $(LIBRARIES)/libusm.a ## install the C library: PREFIX=/usr/local DESTDIR= LIBDIR= INCLUDEDIR=
	@$(INSTALL_TO) ffi/install/install.sh install

uninstall: ## remove what `make install` with the same PREFIX, DESTDIR ... installed
	@$(INSTALL_TO) ffi/install/install.sh uninstall

INSTALL_TO = PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBRARIES="$(LIBRARIES)" \
    LIBDIR="$(LIBDIR)" INCLUDEDIR="$(INCLUDEDIR)" DOCDIR="$(DOCDIR)"

$(BIN)/python:
	@echo "== making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

test: ## set up and pass all tests: fmt, clippy, Rust, C, C++, Python
	@VENV=$(VENV) PYTHON=$(PYTHON) CARGO=$(CARGO) bash tests/run_all.sh

bench: develop ## measure cost beside psutil, sysinfo and a bare C loop
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check psutil
	@USM_BENCH_PYTHON=$(abspath $(BIN)/python) bash tests/bench_all.sh

bench-relief: ## prove the optimizer: a victim's work beside hogs, without and with relief
	@$(CARGO) bench --quiet -p usm-core --bench relief

bench-history: ## what the history costs on disk and in time, on a real recording looped to a year
	@$(CARGO) bench --quiet -p usm-core --bench history

nab: ## how good the anomaly detector is: Numenta Anomaly Benchmark (NAB=FOLDER), false alarms on noise
	@USM_NAB="$(abspath $(NAB))" $(CARGO) bench --quiet -p usm-core --bench nab

bench-forecast: ## how good the forecasts are: beside "same as now" (NAB=FOLDER), and when a limit is reached
	@USM_NAB="$(abspath $(NAB))" $(CARGO) bench --quiet -p usm-core --bench forecast

bench-judge: ## what judging one sample costs, part by part, over a real recording
	@$(CARGO) test --quiet --release -p usm-core --lib -- what_judging_costs the_built_in_rules_cost --ignored --nocapture --test-threads 1

soak: ## kill the writers of the databases and of the history, and an optimizer, a thousand times (SOAK_LOOPS=N)
	@USM_SOAK_LOOPS=$(or $(SOAK_LOOPS),1000) $(CARGO) test --release -p usm-core --lib --test store_faults --test series_faults --test ledger --test optimizer_crash kill_9

fuzz: ## call every function of the C header in random sequences for FUZZ_SECONDS=60, with libFuzzer
	@CARGO=$(CARGO) PYTHON=$(PYTHON) bash ffi/fuzz/run.sh

valgrind: ## run every C and C++ program under valgrind, also those that `make test` leaves out
	@USM_VALGRIND_ALL=1 $(CARGO) test -p usm-ffi --all-features --test c_programs --test callers -- valgrind

tsan: ## run the C programs with threads under ThreadSanitizer, Rust and SQLite included
	@CARGO=$(CARGO) bash ffi/tsan/run.sh

bless: ## write generated files anew: the C header
	@USM_BLESS=1 $(CARGO) test -p usm-ffi --test header

bless-abi: ## accept what was added to the C ABI; refuses what breaks it (USM_ABI_BREAK=1 overrides)
	@USM_BLESS_ABI=1 $(CARGO) test -p usm-ffi --test abi --test callers

clean: ## remove what was built
	@$(CARGO) clean
	@rm -rf $(VENV)
