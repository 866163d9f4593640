// How much memory a function takes at its peak, counted at operator new.
// Checked by: tests/support/test_allocations.cpp.
#pragma once

#include <cstdint>
#include <functional>

namespace ddpm::test {

// Calls action() and returns the peak of the bytes that it has allocated with operator new and not yet freed,
// beyond those in use before. Counts the allocations of all threads, without those of tensors, which are
// aligned.
int64_t peak_of_allocations(const std::function<void()>& action);

}  // namespace ddpm::test
