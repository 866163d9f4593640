// See tests/support/allocations.h. Replaces the global operator new and delete of the test program.
#include "tests/support/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace ddpm::test {

namespace {

std::atomic<int64_t> live{0}, peak{0};

constexpr size_t header = __STDCPP_DEFAULT_NEW_ALIGNMENT__;  // before each block: its size

void* allocate(size_t bytes) noexcept {
  char* block = bytes < SIZE_MAX - header ? static_cast<char*>(std::malloc(bytes + header)) : nullptr;
  if (!block) return nullptr;
  *reinterpret_cast<size_t*>(block) = bytes;
  const int64_t now = live += int64_t(bytes);
  int64_t highest = peak;
  while (now > highest && !peak.compare_exchange_weak(highest, now)) {
  }
  return block + header;
}

void* allocate_or_throw(size_t bytes) {
  void* memory = allocate(bytes);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (!memory) return;
  char* block = static_cast<char*>(memory) - header;
  live -= int64_t(*reinterpret_cast<size_t*>(block));
  std::free(block);
}

}  // namespace

int64_t peak_of_allocations(const std::function<void()>& action) {
  const int64_t before = live;
  peak = before;
  action();
  return peak - before;
}

}  // namespace ddpm::test

// All forms without alignment: the sanitizers bring their own, which would not match.
void* operator new(size_t bytes) { return ddpm::test::allocate_or_throw(bytes); }
void* operator new[](size_t bytes) { return ddpm::test::allocate_or_throw(bytes); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return ddpm::test::allocate(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return ddpm::test::allocate(bytes); }
void operator delete(void* memory) noexcept { ddpm::test::release(memory); }
void operator delete[](void* memory) noexcept { ddpm::test::release(memory); }
void operator delete(void* memory, size_t) noexcept { ddpm::test::release(memory); }
void operator delete[](void* memory, size_t) noexcept { ddpm::test::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { ddpm::test::release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { ddpm::test::release(memory); }
