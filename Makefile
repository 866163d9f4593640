# What can be made: `make help` lists the lines that begin with ##. How it is compiled: .compile.mk.
# The command line may set CXX=clang++, CXXFLAGS=-Werror, ARCH=x86-64-v3, BACKEND=cpu, BUILD=folder,
# RUNS=folder, APART=yes, which compiles every file by itself, and PRECOMPILED=, which compiles the tests
# with no other headers than they include.

CXX      ?= g++
CXXFLAGS ?=
ARCH     ?= native
BACKEND  ?= cpu
BUILD    ?= build
RUNS     ?= runs
APART    ?=

# '0' alone means: no other make has called this one, and at most one target is asked for besides deps.
# One target: all processors compile. Several (make test bench): one after the other. With deps among
# them (make deps test): nothing is compiled before deps is done, with -j too. A make that another make
# has called (MAKELEVEL is not 0) takes part in the processors of that one.
FIRST := $(filter deps,$(MAKECMDGOALS))
ifeq ($(MAKELEVEL)$(word 2,$(filter-out deps,$(MAKECMDGOALS))),0)
  MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN)
endif

.PHONY: always all test equations same-bits kernel-tests aarch64 debug races fuzz attacks mutants mnist \
        demo example figures bench bench-pytorch pytorch diffusers numbers walkthrough data deps objects \
        format format-check clean help

## all                    build the program, build/ddpm; what make does where no target is named
all: $(BUILD)/ddpm
include .compile.mk

## deps                   install doctest and stb_image_write, if they are missing
deps:
	@CXX="$(CXX)" bash tests/install_deps.sh

## test                   build and run every test (on 2 cores 3 minutes to build, one to run)
test: $(BUILD)/tests-float $(BUILD)/tests-double $(BUILD)/ddpm
	$(BUILD)/tests-float
	$(BUILD)/tests-double

## equations              every equation and algorithm as a table; ROW='Eq. (7)' prints that one alone
# (the skipped case that prints; it fails where a row does)
equations: $(BUILD)/tests-double
	@$(BUILD)/tests-double --no-skip --minimal -tc='table: print'

## mutants                put faults into the code, one at a time: who notices each?
# (ROW='Eq. (7)', ONLY=ddpm/schedule, FAULT='x ==> y' or SAMPLE=12 SEED=text takes some;
# MEASURE=yes prints the list as it ought to be: tests/mutants/main.cpp)
mutants: $(BUILD)/mutants/run $(BUILD)/tests-float $(BUILD)/tests-double
	+@MAKE='$(MAKE)' $(BUILD)/mutants/run $(BUILD)

## same-bits              the cases about equal bits, for several instruction sets and tunings; VARIANT=double
# (the objects of everything else are compiled once)
VARIANT   ?= float
SAME_BITS  = $(shell grep -l '"same bits"' $(TESTS_$(VARIANT))) \
               tests/main.cpp tests/kernels/test_fingerprint.cpp tests/support/statistics.cpp
same-bits: $(BUILD)/unity/kernels/$(BACKEND).cpp \
           $(call objects_of,$(VARIANT),$(filter-out kernels/$(BACKEND),$(FOLDERS_$(VARIANT))),$(SAME_BITS))
	@COMPILE='$(CXX) $(FLAGS) $(FLAGS_$(VARIANT)) $(CXXFLAGS) -O3' LIBS='$(LIBS)' \
	  bash tests/same_bits.sh $(BUILD)/same-bits-$(VARIANT) $^

## kernel-tests           the tests below ddpm/ alone; ARCHS='x86-64 x86-64-v2' compiles the kernels for these
# (EMULATOR='qemu-aarch64 ...' runs the programs, CASES="-tc='adam:*'" takes some cases)
ARCHS        ?= $(ARCH)
KERNEL_TESTS := $(foreach arch,$(ARCHS),$(arch)-float $(arch)-double)
kernel-tests: $(KERNEL_TESTS:%=kernel-tests-%)
$(KERNEL_TESTS:%=kernel-tests-%): kernel-tests-%: $(BUILD)/kernel-tests/%
	$(EMULATOR) $< $(CASES)

## aarch64                kernel-tests, compiled for ARM and run by qemu-aarch64
# (without the cases of SLOW, which take 20 s and more each there and run natively)
SLOW := winograd: the same of weights larger*,threads: the convolution*,gradients: those of a whole U-Net*
aarch64:
	+@$(MAKE) CXX=aarch64-linux-gnu-g++ ARCH=armv8-a BUILD=$(BUILD)/aarch64 \
	  EMULATOR='env DDPM_ENVIRONMENT=keep qemu-aarch64 -L /usr/aarch64-linux-gnu' \
	  CASES="-tce='$(SLOW)'" kernel-tests

## debug                  the tests again, under the address and undefined-behaviour sanitizers
# (without the cases of LONG, of 10 to 50 s each there: other cases run their code)
LONG := memory: the estimate is*,classifier: learns*,train: with Winograd*,Algorithm 1 on worlds: a small*
debug: $(BUILD)/tests-debug $(BUILD)/ddpm
	$(BUILD)/tests-debug -tce='$(LONG)'

## races                  the tests below ddpm/ on four threads, under the thread sanitizer of CLANG=clang++
# (Archer tells the sanitizer what OpenMP's barriers order; without it every loop would look like a race)
CLANG  ?= clang++
ARCHER  = $(realpath $(shell $(CLANG) -print-resource-dir 2>/dev/null)/../../libarcher.so)
TSAN    = OMP_TOOL_LIBRARIES='$(ARCHER)' TSAN_OPTIONS=ignore_noninstrumented_modules=1
RACE    = int n; int main() { _Pragma("omp parallel num_threads(4)") for (int i = 0; i < 1000; ++i) ++n; }
races:
	@mkdir -p $(BUILD)/races
	@echo '$(RACE)' | $(CLANG) -fopenmp -fsanitize=thread -x c++ - -o $(BUILD)/races/race 2>/dev/null && \
	  test -n '$(ARCHER)' || { echo "races: install clang, its OpenMP with Archer and its sanitizers, such as" \
	  "the packages clang, libomp-dev and libclang-rt-dev"; exit 1; }
	@! $(TSAN) $(BUILD)/races/race 2>/dev/null || { echo "races: a race goes unnoticed here"; exit 1; }
	+@$(TSAN) OMP_NUM_THREADS=4 DDPM_ENVIRONMENT=keep \
	  $(MAKE) CXX='$(CLANG)' BUILD=$(BUILD)/races CXXFLAGS='$(CXXFLAGS) -O1 -g1 -fsanitize=thread' \
	  LIBS='$(LIBS) -fsanitize=thread' kernel-tests-$(firstword $(KERNEL_TESTS))

## fuzz                   feed random bytes to each reader of files and options; SECONDS=20 in all, ONLY=json
# (clang's libFuzzer with the address and undefined-behaviour sanitizers: tests/fuzz/run.sh)
SECONDS  ?= 20
SANITIZED = -fno-sanitize-recover=all -fsanitize=address,undefined
fuzz:
	@mkdir -p $(BUILD)/fuzz
	@echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' | \
	  $(CLANG) -fopenmp -fsanitize=fuzzer,address -x c++ - -o $(BUILD)/fuzz/empty 2>/dev/null || \
	  { echo "fuzz: install clang, its OpenMP, its fuzzer and its sanitizers, such as the packages clang," \
	  "libomp-dev and libclang-rt-dev (on Debian 12 libclang-rt-14-dev)"; exit 1; }
	+@$(MAKE) CXX='$(CLANG)' BUILD=$(BUILD)/fuzz LIBS='$(LIBS) -fsanitize=fuzzer $(SANITIZED)' \
	  CXXFLAGS='$(CXXFLAGS) -O1 -g1 -fsanitize=fuzzer-no-link $(SANITIZED)' $(BUILD)/fuzz/fuzzer
	@bash tests/fuzz/run.sh $(BUILD)/fuzz $(SECONDS) $(ONLY)

## attacks                kill the program at random moments, fill its disk, take its folders away
# (KILLS in all; the disk is full at every STRIDE-th call that needs room: tests/attacks/)
KILLS  ?= 100
STRIDE ?= 5
attacks: $(BUILD)/ddpm
	@bash tests/attacks/kills.sh $(BUILD)/ddpm $(KILLS)
	@bash tests/attacks/filesystem.sh $(BUILD)/ddpm $(STRIDE)

## data                   fetch MNIST into data/mnist
data:
	@bash ddpm/data/fetch.sh data/mnist

## mnist                  fetch MNIST (or take the built-in digits), train, sample a grid of digits
mnist: $(BUILD)/ddpm
	@if bash ddpm/data/fetch.sh data/mnist; then data=data/mnist run=$(RUNS)/mnist; \
	else data=digits run=$(RUNS)/digits; \
	  echo "mnist: no MNIST here, training on the built-in digits into $$run instead"; fi; \
	bash ddpm/cli/train_and_sample.sh $(BUILD)/ddpm $$data $$run mnist 64

## demo                   a minute from here to a grid of small digits; no data needed
# (a fifth of the steps, each five times as long: ᾱ_T is 3.0e-5 instead of 4.0e-5)
demo: $(BUILD)/ddpm
	@bash ddpm/cli/train_and_sample.sh $(BUILD)/ddpm digits $(RUNS)/demo digits 36 \
	  --T 200 --beta-1 5e-4 --beta-T 0.1

## example                the shortest whole: build ddpm/example/digits.cpp and run it in build/
example: $(BUILD)/example
	cd $(BUILD) && GOMP_SPINCOUNT=1000 ./example

## figures                remake .github/pictures/*.svg, with the run of make demo; CSV in build/figures
FIGURES := schedule forward 'reverse --run runs/demo --count 2' 'training --run runs/demo'
figures: demo
	@mkdir -p $(BUILD)/figures
	@for f in $(FIGURES); do set -- $$f; \
	  $(BUILD)/ddpm figure "$$@" --out $(BUILD)/figures/$$1.svg --force || exit 1; done
	@cp $(BUILD)/figures/*.svg .github/pictures

## bench                  measure this machine's peak and what our kernels reach of it
bench: $(BUILD)/bench
	$(BUILD)/bench

## bench-pytorch          our steps beside PyTorch's and others'; PART=chains, QUICK=--quick, PYTHON=python3
# (PYTHON names one with the packages, as README.md says; with AVX-512, ours is built for AVX2 as well)
PYTHON ?= python3
PART   ?= steps
bench-pytorch: pytorch $(BUILD)/bench $(BUILD)/ddpm
	@! grep -qw avx512f /proc/cpuinfo 2>/dev/null || \
	  $(MAKE) -s ARCH=x86-64-v3 BUILD=$(BUILD)/avx2 $(BUILD)/avx2/bench >&2
	@$(PYTHON) -B tests/bench/pytorch.py $(BUILD) --part $(PART) $(QUICK)
TORCH_2 = 'from importlib.metadata import version; assert int(version("torch").split(".")[0]) >= 2'
pytorch:
	@$(PYTHON) -c $(TORCH_2) 2>/dev/null || { \
	  echo "bench-pytorch compares with PyTorch 2 or newer, which $(PYTHON) does not have:" \
	  "make an environment as README.md says, and name its Python, PYTHON=~/torch/bin/python" >&2; exit 1; }

## diffusers              take runs to the library diffusers and back, train on both sides; PYTHON=python3
# (some half an hour; interrupted, it goes on from RUNS/diffusers: tests/diffusers/round_trip.py)
diffusers: $(BUILD)/ours $(BUILD)/ddpm
	@$(PYTHON) -c 'import torch, diffusers' 2>/dev/null || { \
	  echo "diffusers: $(PYTHON) does not have PyTorch and diffusers: make an environment as README.md says," \
	  "and name its Python, PYTHON=~/torch/bin/python" >&2; exit 1; }
	@$(PYTHON) -B tests/diffusers/round_trip.py $(BUILD) $(RUNS)/diffusers

## numbers                run the commands of the documents' figures and write what they print; ONLY=text
# (ONLY takes the commands that contain the text)
numbers: $(addprefix $(BUILD)/,documents ddpm bench tests-float tests-double)
	@$(BUILD)/documents numbers

## walkthrough            write the code, formulas, outputs and values that the documents quote
walkthrough: $(BUILD)/documents $(BUILD)/ddpm
	@$(BUILD)/documents walkthrough

## objects                compile every file by itself and link nothing
objects: $(call each,float,$(SOURCES)) $(call each,double,$(EQUATIONS))

## compile_commands.json  tell editors how each file is compiled
compile_commands.json: always
	@$(MAKE) -Bn PRECOMPILED= objects | sed -n -e 's/[\\"]/\\&/g' \
	  -e 's|.* -c \([^ ]*\) -o .*|{"directory": "$(CURDIR)", "command": "&", "file": "\1"},|p' \
	  | sed '1s/^/[/; $$s/,$$/]/' > $@

## format                 rewrite the C++ code in the house's style, .clang-format
format:
	@bash tests/format.sh

## format-check           fail where `make format` would change something
format-check:
	@bash tests/format.sh --check

## clean                  remove build/ (data/ and runs/ stay)
clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^## /make /p' Makefile
