# make deps     install doctest and stb_image_write, if they are missing
# make test     build and run every test (about a minute on 2 cores)
# make equations  every equation and algorithm as a table: where it is, how it was checked,
#               the error; ROW='Eq. (7)' prints that one alone
# make mnist    fetch MNIST, train the mnist preset, sample a grid of digits
# make demo     a minute from here to a grid of small digits; no data needed
# make bench    measure this machine's peak and what our kernels reach of it
# make bench-pytorch  the same training step in PyTorch, where it is installed, in turns with ours
# make data     fetch MNIST into data/mnist
# make same-bits  the cases about equal bits, for several instruction sets and tunings
# make debug    the tests again, under the address and undefined-behaviour sanitizers
# make mutants  put small faults into the code, one at a time: who notices each, as tests/mutants.txt says?
# make clean    remove build/ (data/ and runs/ stay)
#
# CXX=clang++, ARCH=x86-64-v3 and the like may be given on the command line.

CXX     ?= g++
ARCH    ?= native
BACKEND ?= cpu
BUILD   ?= build

# Threads that wait spin a moment, then sleep (see ddpm/cli/main.cpp).
export GOMP_SPINCOUNT ?= 1000

CXXFLAGS ?=
# Neither flag changes a result or hides a NaN: they let loops over sqrt and
# conditions become vectors.
FLAGS := -std=c++20 -Wall -Wextra -fno-math-errno -fno-trapping-math -I. -MMD -MP
# A product and a sum round as written, in every copy of a loop; what is to be
# fused is called mul_add (kernels/cpu/vec.h).
FLAGS += -ffp-contract=off
LIBS  := -lm
ifeq ($(shell uname -s),Darwin)
  BREW  := $(shell brew --prefix 2>/dev/null || echo /opt/homebrew)
  FLAGS += -mcpu=native -Xpreprocessor -fopenmp -I$(BREW)/include -I$(BREW)/opt/libomp/include
  LIBS  += -L$(BREW)/opt/libomp/lib -lomp
else
  FLAGS += -march=$(ARCH) -fopenmp
  LIBS  += -fopenmp
endif

FLAGS_float  :=
FLAGS_double := -DREAL_DOUBLE
FLAGS_debug  := -O1 -g -DPOISON -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

FOLDERS := kernels/$(BACKEND) kernels/naive tensor nn ddpm ddpm/run ddpm/cli ddpm/formats ddpm/score ddpm/data
MAIN    := ddpm/cli/main.cpp
files    = $(filter-out $(MAIN),$(wildcard $(1:%=%/*.cpp)))
LIBRARY := $(call files,$(FOLDERS))
TESTS   := $(wildcard tests/*.cpp)
EQUATIONS := $(wildcard tests/equations/*.cpp)
MUTANTS := $(wildcard tests/mutants/*.cpp)
BENCH   := $(wildcard tests/bench/*.cpp)

# The tests are built in float, in double and for the sanitizers. Files,
# options and documents do not care what a number is: not again in double. The
# equations are checked in double only.
ONCE := $(patsubst %,tests/test_%.cpp,algorithms cli crash data diffusers faults file image json layout log npy \
                                      options order run safetensors sample_command score trainer walkthrough)
FOLDERS_float  := $(FOLDERS)
FOLDERS_debug  := $(FOLDERS)
FOLDERS_double := $(filter-out ddpm/run ddpm/cli ddpm/score,$(FOLDERS))
TESTS_float  := $(TESTS)
TESTS_debug  := $(TESTS)
TESTS_double := $(filter-out $(ONCE),$(TESTS)) $(EQUATIONS)

# Asked for together (make deps test), objects wait for deps, with -j too; where
# nothing else is asked for, all processors compile.
FIRST   := $(filter deps,$(MAKECMDGOALS))
ifeq ($(word 2,$(filter-out deps,$(MAKECMDGOALS))),)
  MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN)
endif

.PHONY: always all objects test same-bits equations mnist demo bench bench-pytorch pytorch deps data debug mutants clean
all: $(BUILD)/ddpm

# The kernels are worth the compiler's time, the rest is not.
OPTIMISE := -O1

# Everything is compiled again when the compiler or its flags change.
$(BUILD)/flags: always
	@mkdir -p $(@D); echo '$(CXX) $(FLAGS) $(CXXFLAGS)' | cmp -s - $@ || echo '$(CXX) $(FLAGS) $(CXXFLAGS)' > $@

# One set of objects a variant: $(BUILD)/float is the program, double the
# gradient tests, debug the sanitizers.
define variant
$(BUILD)/$(1)/kernels/%.o $(BUILD)/$(1)/tests/bench/%.o: OPTIMISE := -O3
compile_$(1) = $(CXX) $(FLAGS) $$(OPTIMISE) $(FLAGS_$(1)) $(CXXFLAGS) -c
$(BUILD)/$(1)/%.o: %.cpp $(BUILD)/flags | $(FIRST)
	@mkdir -p $$(@D)
	$$(compile_$(1)) $$< -o $$@
$(BUILD)/tests-$(1): $(call objects,$(1),$(FOLDERS_$(1))) $(TESTS_$(1):%.cpp=$(BUILD)/$(1)/%.o)
	$(CXX) $$^ $(FLAGS_$(1)) $(LIBS) -o $$@
-include $(patsubst %.cpp,$(BUILD)/$(1)/%.d,$(LIBRARY) $(TESTS_$(1)) $(MAIN) $(BENCH) $(MUTANTS)) $(FOLDERS:%=$(BUILD)/$(1)/%.d)
endef

# A folder's files are compiled together, as one file that includes them: for each by
# itself the compiler would read the standard library's headers again, which
# takes longer than our code. APART=yes compiles every file by itself.
APART ?=
objects = $(if $(APART),$(patsubst %.cpp,$(BUILD)/$(1)/%.o,$(call files,$(2))),$(2:%=$(BUILD)/$(1)/%.o))
includes = printf '\#include "%s"\n' $(call files,$(1))
define folder
$(BUILD)/$(1)/$(2).cpp: always
	@mkdir -p $$(@D); $(call includes,$(2)) | cmp -s - $$@ || $(call includes,$(2)) > $$@
$(BUILD)/$(1)/$(2).o: $(BUILD)/$(1)/$(2).cpp $(call files,$(2)) $(BUILD)/flags | $(FIRST)
	$$(compile_$(1)) $$< -o $$@
endef
$(foreach v,float double debug,$(eval $(call variant,$(v))) \
  $(foreach f,$(FOLDERS),$(eval $(call folder,$(v),$(f)))))

SAME_BITS_OBJECTS := $(call objects,float,$(filter-out kernels/$(BACKEND),$(FOLDERS))) $(TESTS:%.cpp=$(BUILD)/float/%.o)

# The definitions (kernels/naive) are for tests and readers.
$(BUILD)/ddpm: $(call objects,float,$(filter-out kernels/naive,$(FOLDERS))) $(MAIN:%.cpp=$(BUILD)/float/%.o)
	$(CXX) $^ $(LIBS) -o $@
$(BUILD)/bench: $(call objects,float,$(FOLDERS)) $(BENCH:%.cpp=$(BUILD)/float/%.o)
	$(CXX) $^ $(LIBS) -o $@

# Compiles every file by itself and links nothing: what .ci/run does with Clang.
objects: $(patsubst %.cpp,$(BUILD)/float/%.o,$(LIBRARY) $(MAIN) $(TESTS) $(BENCH) $(MUTANTS)) \
         $(EQUATIONS:%.cpp=$(BUILD)/double/%.o)

test: $(BUILD)/tests-float $(BUILD)/tests-double $(BUILD)/ddpm
	$(BUILD)/tests-float
	$(BUILD)/tests-double

# The skipped case that prints; it fails where a row does.
equations: $(BUILD)/tests-double
	@$(BUILD)/tests-double --no-skip --minimal -tc='the table of equations'

# The suite "same bits" with the kernels compiled for other processors as well.
same-bits: $(BUILD)/float/kernels/cpu.cpp $(SAME_BITS_OBJECTS)
	@COMPILE='$(CXX) $(FLAGS) $(CXXFLAGS) -O3' LIBS='$(LIBS)' bash tests/same_bits.sh $(BUILD)/same-bits $^

debug: $(BUILD)/tests-debug
	$(BUILD)/tests-debug

bench: $(BUILD)/bench
	$(BUILD)/bench

# The first Python that has PyTorch; QUICK=--quick takes the smallest network alone.
PYTHON = $(firstword $(foreach p,python3 /usr/bin/python3,$(shell $p -c 'import torch' 2>/dev/null && echo $p)) python3)
bench-pytorch: pytorch $(BUILD)/bench $(BUILD)/ddpm
	@$(PYTHON) tests/bench/pytorch.py $(BUILD)/bench $(BUILD)/ddpm $(QUICK)
pytorch:
	@$(PYTHON) -c 'import torch' 2>/dev/null || \
	  { echo 'bench-pytorch compares with PyTorch, which is missing: install the Python package torch, or name a Python that has it: PYTHON=/path/to/python3'; exit 1; }

# Without MNIST the same recipe trains on the built-in digits.
mnist: $(BUILD)/ddpm
	@if bash ddpm/data/fetch.sh data/mnist; then \
	  bash ddpm/cli/train_and_sample.sh $(BUILD)/ddpm data/mnist runs/mnist mnist 64; \
	else \
	  echo "mnist: no MNIST here, training on the built-in digits into runs/digits instead"; \
	  bash ddpm/cli/train_and_sample.sh $(BUILD)/ddpm digits runs/digits mnist 64; \
	fi

# A fifth of the steps, each five times as long: ᾱ_T is 3.0e-5 instead of 4.0e-5.
demo: $(BUILD)/ddpm
	@bash ddpm/cli/train_and_sample.sh $(BUILD)/ddpm digits runs/demo digits 36 --T 200 --beta-1 5e-4 --beta-T 0.1

data:
	@bash ddpm/data/fetch.sh data/mnist

deps:
	@CXX="$(CXX)" bash tests/install_deps.sh

# ROW='Eq. (7)', ONLY=ddpm/schedule or SAMPLE=12 SEED=text takes some: see tests/mutants/main.cpp.
mutants: $(BUILD)/faults $(BUILD)/tests-float $(BUILD)/tests-double
	+@MAKE='$(MAKE)' $(BUILD)/faults $(BUILD)
$(BUILD)/faults: $(patsubst %.cpp,$(BUILD)/float/%.o,$(MUTANTS) tests/faults.cpp)
	$(CXX) $^ $(LIBS) -o $@

clean:
	rm -rf $(BUILD)
