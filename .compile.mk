# How the Makefile's programs are compiled and linked: flags, sources, objects, programs.

# The -fno- flags change no result and hide no NaN: they let loops over sqrt and conditions become
# vectors. With -ffp-contract=off a product and a sum round as written, in every copy of a loop; what is
# to be fused is called mul_add (kernels/cpu/vec.h).
FLAGS := -std=c++20 -Wall -Wextra -fno-math-errno -fno-trapping-math -ffp-contract=off -I. -MMD -MP
LIBS  := -lm
ifeq ($(shell uname -s),Darwin)
  BREW  := $(shell brew --prefix 2>/dev/null || echo /opt/homebrew)
  FLAGS += -mcpu=native -Xpreprocessor -fopenmp -I$(BREW)/include -I$(BREW)/opt/libomp/include
  LIBS  += -L$(BREW)/opt/libomp/lib -lomp
else
  FLAGS += -march=$(ARCH) -fopenmp
  LIBS  += -fopenmp
endif

# The library is folders; the program's main file, tests and the bench are files beside it.
FOLDERS   := kernels/$(BACKEND) kernels/naive tensor nn ddpm
FOLDERS   += $(filter-out ddpm/example,$(patsubst %/,%,$(sort $(dir $(wildcard ddpm/*/*.cpp)))))
MAIN      := ddpm/cli/main.cpp
EXAMPLE   := ddpm/example/digits.cpp
EQUATIONS := $(wildcard tests/equations/*.cpp)
BENCH     := $(wildcard tests/bench/*.cpp)
MUTANTS   := $(wildcard tests/mutants/*.cpp)
DOCUMENTS := tests/documents/main.cpp
FUZZER    := tests/fuzz/fuzzer.cpp
OURS      := tests/diffusers/ours.cpp
TESTS     := $(filter-out $(EQUATIONS) $(BENCH) $(MUTANTS) $(DOCUMENTS) $(FUZZER) $(OURS),\
               $(wildcard tests/*.cpp tests/*/*.cpp tests/*/*/*.cpp))
files      = $(filter-out $(MAIN),$(sort $(wildcard $(1:%=%/*.cpp))))
SOURCES   := $(call files,$(FOLDERS)) $(MAIN) $(EXAMPLE) $(TESTS) $(BENCH) $(MUTANTS) $(DOCUMENTS) $(FUZZER) \
               $(OURS)

# Three variants: float is the program, double checks gradients and equations, debug has the sanitizers.
# Files, options and documents do not care what a number is: their tests are not built in double. The tests
# that read the project's own texts have nothing for the sanitizers.
FLAGS_double   := -DREAL_DOUBLE
# (under the sanitizers GCC falsely takes numbers in the standard library's regex for uninitialized)
SANITIZE       := -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_debug    := -O1 -g1 -DPOISON -fno-omit-frame-pointer -Wno-maybe-uninitialized $(SANITIZE)
FOLDERS_float  := $(FOLDERS)
FOLDERS_double := $(filter-out ddpm/run ddpm/figures ddpm/cli ddpm/score,$(FOLDERS))
ONCE           := $(wildcard $(addsuffix /*.cpp,tests/ddpm/* tests/project tests/documents tests/fuzz))
TESTS_float    := $(TESTS)
TESTS_double   := $(filter-out $(ONCE),$(TESTS)) $(EQUATIONS)
TESTS_debug    := $(filter-out tests/project/% tests/documents/% tests/support/faults.cpp,$(TESTS))

# Writes a target only where its text changes: what depends on it is then made again.
written = @mkdir -p $(@D); $1 | cmp -s - $@ || $1 > $@
$(BUILD)/flags: always
	$(call written,echo '$(CXX) $(FLAGS) $(CXXFLAGS)')
$(BUILD)/sources: always
	$(call written,echo $(SOURCES) $(EQUATIONS))
# build/unity/nn.cpp includes all of nn/*.cpp: compiled one by one, each would read the standard
# library's headers again, which takes longer than our code.
$(FOLDERS:%=$(BUILD)/unity/%.cpp): $(BUILD)/unity/%.cpp: always
	$(call written,printf '#include "%s"\n' $(call files,$*))

# An object is made of a file (build/float/nn/unet.o) or of a folder (build/float/nn.o). The kernels are
# worth the compiler's time, the rest is not.
define compile
@mkdir -p $(@D)
$(CXX) $(FLAGS) $(if $(filter kernels/% tests/bench/%,$*),-O3,-O1) $(FLAGS_$1) $(DEFINE_$(*F)) \
  $(if $(filter $(PRECOMPILED),$*.cpp),-include $(BUILD)/$1/common.h) $(CXXFLAGS) -c $< -o $@
endef
DEFINE_test_example := -DEXAMPLE_SHORT='"$(BUILD)/example_short.inc"'
$(BUILD)/float/%.o:  %.cpp                $(BUILD)/flags | $(FIRST); $(call compile,float)
$(BUILD)/float/%.o:  $(BUILD)/unity/%.cpp $(BUILD)/flags | $(FIRST); $(call compile,float)
$(BUILD)/double/%.o: %.cpp                $(BUILD)/flags | $(FIRST); $(call compile,double)
$(BUILD)/double/%.o: $(BUILD)/unity/%.cpp $(BUILD)/flags | $(FIRST); $(call compile,double)
$(BUILD)/debug/%.o:  %.cpp                $(BUILD)/flags | $(FIRST); $(call compile,debug)
$(BUILD)/debug/%.o:  $(BUILD)/unity/%.cpp $(BUILD)/flags | $(FIRST); $(call compile,debug)
# The headers that test files read, which take longer to compile than most of these, are compiled once.
PRECOMPILED := $(foreach file,$(TESTS),$(if $(filter test_%,$(notdir $(file))),$(file))) $(EQUATIONS)
precompiled  = $(PRECOMPILED:%.cpp=$(BUILD)/$1/%.o): $(BUILD)/$1/common.h.gch
$(call precompiled,float)
$(call precompiled,double)
$(call precompiled,debug)
$(BUILD)/%/common.h.gch: tests/support/common.h $(BUILD)/flags | $(FIRST)
	@mkdir -p $(@D)
	cp $< $(BUILD)/$*/common.h
	$(CXX) $(FLAGS) -O1 $(FLAGS_$*) $(CXXFLAGS) -x c++-header -c $< -o $@
# The example with few steps and a short chain, which tests/ddpm/example/test_example.cpp includes.
$(BUILD)/example_short.inc: $(EXAMPLE) .compile.mk
	@mkdir -p $(@D)
	sed -e 's/steps = [0-9]*, T = [0-9]*;/steps = 2, T = 3;/' -e 's/^int main()/void short_example()/' $< > $@
$(patsubst %,$(BUILD)/%/tests/ddpm/example/test_example.o,float debug): $(BUILD)/example_short.inc
# Which instruction sets the compiler may use, for the check that begins every program but those of same-bits.
# The check itself is compiled for the base of the architecture (nothing is known of others).
BASE_x86_64  := -march=x86-64
BASE_aarch64 := -march=armv8-a
$(BUILD)/built_for.h: $(BUILD)/flags
	echo '#define BUILT_FOR " '$$($(CXX) $(filter-out -MMD -MP,$(FLAGS)) $(CXXFLAGS) -x c++ -dM -E /dev/null | \
	  sed -n 's/^#define __*\([A-Z0-9_]*[A-Z0-9]\)_* 1$$/\1/p')' "' > $@
$(BUILD)/processor.o: kernels/processor.c $(BUILD)/built_for.h
	$(CXX) -x c -std=c11 -Wall -Wextra $(filter -Werror,$(CXXFLAGS)) -Os \
	  $(BASE_$(firstword $(subst -, ,$(shell $(CXX) -dumpmachine)))) -I$(BUILD) -c $< -o $@
# What each object included, as the compiler wrote it down.
-include $(shell find $(addprefix $(BUILD)/,float double debug kernel-tests) -name '*.d' 2>/dev/null)

# $(call objects_of,VARIANT,FOLDERS,FILES). The definitions (kernels/naive) are for tests and readers.
each       = $(patsubst %.cpp,$(BUILD)/$1/%.o,$2)
objects_of = $(if $(APART),$(call each,$1,$(call files,$2)),$(2:%=$(BUILD)/$1/%.o)) $(call each,$1,$3)
$(BUILD)/ddpm:         $(call objects_of,float,$(filter-out kernels/naive,$(FOLDERS)),$(MAIN))
$(BUILD)/example:      $(call objects_of,float,kernels/$(BACKEND) tensor nn ddpm ddpm/data ddpm/formats \
                         ,$(EXAMPLE))
$(BUILD)/bench:        $(call objects_of,float,$(FOLDERS),$(BENCH))
$(BUILD)/mutants/run:  $(call each,float,$(MUTANTS) tests/support/faults.cpp)
$(BUILD)/documents:    $(call objects_of,float,$(FOLDERS) \
                         ,$(wildcard tests/documents/*.cpp) tests/support/faults.cpp)
$(BUILD)/fuzzer:       $(call objects_of,float,$(FOLDERS),$(FUZZER) tests/fuzz/readers.cpp)
$(BUILD)/ours:         $(call objects_of,float,$(filter-out kernels/naive,$(FOLDERS)),$(OURS))
$(BUILD)/tests-float:  $(call objects_of,float,$(FOLDERS),$(TESTS))
$(BUILD)/tests-double: $(call objects_of,double,$(FOLDERS_double),$(TESTS_double))
$(BUILD)/tests-debug:  $(call objects_of,debug,$(FOLDERS),$(TESTS_debug))
$(BUILD)/tests-debug:  LIBS += $(SANITIZE)
PROGRAMS := ddpm example bench documents mutants/run fuzzer ours tests-float tests-double tests-debug
$(PROGRAMS:%=$(BUILD)/%): $(BUILD)/processor.o $(BUILD)/sources
	@mkdir -p $(@D)
	$(CXX) $(filter %.o,$^) $(LIBS) -o $@

# The tests below ddpm/, where processors and threads make a difference. The kernels are compiled for the
# processor of the name (build/kernel-tests/x86-64-float), everything else for ARCH, once: it has no loop
# worth vectors. Two test files need ddpm/ and are left out.
FOLDERS_below := kernels/naive tensor nn ddpm/machine
BELOW_float   := tests/main.cpp tests/support/statistics.cpp $(filter-out %/test_fingerprint.cpp \
                   %/test_memory.cpp,$(wildcard tests/kernels/*.cpp tests/tensor/*.cpp tests/nn/*.cpp))
BELOW_double  := tests/main.cpp tests/tensor/test_gradients.cpp
define compile_and_link
@mkdir -p $(@D)
$(CXX) $(FLAGS:-march=%=-march=$*) -O3 $(FLAGS_$1) $(CXXFLAGS) -MT $@ -c $(filter %.cpp,$^) -o $@.o
$(CXX) $@.o $(filter %.o,$^) $(LIBS) -o $@
endef
$(BUILD)/kernel-tests/%-float: $(BUILD)/processor.o $(BUILD)/unity/kernels/$(BACKEND).cpp $(BUILD)/flags \
    $(call objects_of,float,$(FOLDERS_below),$(BELOW_float)); $(call compile_and_link,float)
$(BUILD)/kernel-tests/%-double: $(BUILD)/processor.o $(BUILD)/unity/kernels/$(BACKEND).cpp $(BUILD)/flags \
    $(call objects_of,double,$(FOLDERS_below),$(BELOW_double)); $(call compile_and_link,double)
