// Checks, before anything else of the program runs, that this processor has every instruction set that the
// program was compiled for. Otherwise the program would die of an illegal instruction, without a word, in a
// static initializer or at the first kernel. In C and compiled for the architecture's base (.compile.mk), so
// that the check itself runs anywhere. Checked by: tests/processor.sh.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Defines BUILT_FOR, the names of the compiler's predefined macros without their outer underscores, as in
// " AVX2 FMA ": .compile.mk writes it.
#include "built_for.h"

// An instruction set that a compiler uses unasked (so not, for instance, AES).
struct Feature {
  const char* name;  // of the macro that the compiler defines if it may use the set
  uint32_t leaf, subleaf;
  int word, bit;  // of cpuid's answer, whose words are eax, ebx, ecx, edx; on ARM: of hwcap or hwcap2
  int level;      // the first of x86-64-v2 to -v4 that has it; 0 if none has
};

#if defined(__x86_64__)
#include <cpuid.h>

enum { eax, ebx, ecx, edx };
static const struct Feature features[] = {
    {"SSE3", 1, 0, ecx, 0, 2},          {"SSSE3", 1, 0, ecx, 9, 2},
    {"SSE4_1", 1, 0, ecx, 19, 2},       {"SSE4_2", 1, 0, ecx, 20, 2},
    {"POPCNT", 1, 0, ecx, 23, 2},       {"AVX", 1, 0, ecx, 28, 3},
    {"AVX2", 7, 0, ebx, 5, 3},          {"FMA", 1, 0, ecx, 12, 3},
    {"F16C", 1, 0, ecx, 29, 3},         {"BMI", 7, 0, ebx, 3, 3},
    {"BMI2", 7, 0, ebx, 8, 3},          {"LZCNT", 0x80000001, 0, ecx, 5, 3},
    {"MOVBE", 1, 0, ecx, 22, 3},        {"AVX512F", 7, 0, ebx, 16, 4},
    {"AVX512DQ", 7, 0, ebx, 17, 4},     {"AVX512CD", 7, 0, ebx, 28, 4},
    {"AVX512BW", 7, 0, ebx, 30, 4},     {"AVX512VL", 7, 0, ebx, 31, 4},
    {"AVX512IFMA", 7, 0, ebx, 21, 0},   {"AVX512VBMI", 7, 0, ecx, 1, 0},
    {"AVX512VBMI2", 7, 0, ecx, 6, 0},   {"AVX512VNNI", 7, 0, ecx, 11, 0},
    {"AVX512BITALG", 7, 0, ecx, 12, 0}, {"AVX512VPOPCNTDQ", 7, 0, ecx, 14, 0},
    {"AVX512FP16", 7, 0, edx, 23, 0},   {"AVX512BF16", 7, 1, eax, 5, 0},
    {"AVXVNNI", 7, 1, eax, 4, 0},       {"GFNI", 7, 0, ecx, 8, 0},
    {"XOP", 0x80000001, 0, ecx, 11, 0}, {"FMA4", 0x80000001, 0, ecx, 16, 0},
    {"TBM", 0x80000001, 0, ecx, 21, 0},
};

// Returns which vector registers the system saves when it switches processes: none, or 4 for AVX's, 0xe0 for
// AVX-512's (the bits of xcr0).
static uint32_t saved_registers(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return 0;
  __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return a;
}

static int has(const struct Feature* f) {
  uint32_t words[4], needed = 0;
  if (!__get_cpuid_count(f->leaf, f->subleaf, &words[0], &words[1], &words[2], &words[3])) return 0;
  if (strstr(f->name, "AVX") || strstr(f->name, "FMA") || strstr(f->name, "F16C")) needed = 4;
  if (strstr(f->name, "AVX512")) needed = 0xe4;
  return (words[f->word] >> f->bit & 1) && (saved_registers() & needed) == needed;
}

// Returns the highest level of x86-64 that this processor has whole.
static const char* architecture(void) {
  static const char* const names[] = {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
  int highest = 4;
  for (size_t i = 0; i < sizeof features / sizeof *features; ++i)
    if (features[i].level && features[i].level <= highest && !has(&features[i]))
      highest = features[i].level - 1;
  return names[highest - 1];
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static const struct Feature features[] = {
    {"ARM_FEATURE_ATOMICS", 0, 0, 0, 8, 0},  {"ARM_FEATURE_FP16_VECTOR_ARITHMETIC", 0, 0, 0, 10, 0},
    {"ARM_FEATURE_DOTPROD", 0, 0, 0, 20, 0}, {"ARM_FEATURE_SVE", 0, 0, 0, 22, 0},
    {"ARM_FEATURE_SVE2", 0, 0, 1, 1, 0},
};

static int has(const struct Feature* f) { return getauxval(f->word ? AT_HWCAP2 : AT_HWCAP) >> f->bit & 1; }
static const char* architecture(void) { return "armv8-a"; }

#else  // Nothing is known of other processors and systems: nothing is checked.
static const struct Feature features[] = {{"", 0, 0, 0, 0, 0}};
static int has(const struct Feature* f) { return !f->name[0]; }
static const char* architecture(void) { return "native"; }
#endif

// Whether the compiler was allowed to use the instruction set.
static int built_for(const struct Feature* f) {
  char word[100];
  snprintf(word, sizeof word, " %s ", f->name);
  return strstr(BUILT_FOR, word) != NULL;
}

// Runs before the initializers of C++, which have priority 65535.
__attribute__((constructor(101))) static void check_processor(void) {
  char missing[1000] = "";
  for (size_t i = 0; i < sizeof features / sizeof *features; ++i)
    if (built_for(&features[i]) && !has(&features[i])) {
      if (missing[0]) strcat(missing, ", ");
      strcat(missing, features[i].name);
    }
  if (!missing[0]) return;
  fprintf(stderr, "ddpm: this program was built for a processor with %s, which this one lacks: ", missing);
  fprintf(stderr, "build it here, or with make ARCH=%s\n", architecture());
  _exit(1);
}
