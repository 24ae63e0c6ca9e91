# Unified System Monitor. `make help` lists what there is.

VENV    ?= .venv
PYTHON  ?= python3
CARGO   ?= cargo
BIN     := $(VENV)/bin
TARGET  := $(or $(CARGO_TARGET_DIR),target)

.DEFAULT_GOAL := help
.PHONY: help run install lib test bench bench-relief bench-history nab bench-forecast bench-judge soak fuzz tsan bless clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: install ## build, install into .venv and show the live state of this machine
	@echo "== the live state of this machine (usm status)"
	@$(BIN)/usm status

install: $(BIN)/python ## build and install the Python package and the usm command into .venv
	@echo "== building and installing into $(VENV) (the first time takes a few minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check ./python

# Not as a Rust library too: then core is optimised before it is linked, which makes it larger.
lib: ## build the C library: libusm.so and libusm.a in target/release
	@$(CARGO) rustc --release -p usm-ffi --lib --crate-type cdylib,staticlib
	@ln -sf libusm.so $(TARGET)/release/libusm.so.0
	@echo "== $(TARGET)/release/libusm.so and libusm.a; the header is include/usm.h"

$(BIN)/python:
	@echo "== making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

test: ## set up and pass all tests: fmt, clippy, Rust, C, C++, Python
	@VENV=$(VENV) PYTHON=$(PYTHON) CARGO=$(CARGO) bash tests/run_all.sh

bench: install ## measure cost beside psutil, sysinfo and a bare C loop
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

tsan: ## run the C programs with threads under ThreadSanitizer, Rust and SQLite included
	@CARGO=$(CARGO) bash ffi/tsan/run.sh

bless: ## write generated files anew: the C header
	@USM_BLESS=1 $(CARGO) test -p usm-ffi --test header

clean: ## remove what was built
	@$(CARGO) clean
	@rm -rf $(VENV)
