// Seeded random changes of bytes: what a disk, a transfer or an editor may make of a file.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace ddpm::test {

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : draw_(seed) {}

  // Returns a number from 0 to n - 1; n must be at least 1.
  size_t below(size_t n) { return draw_() % n; }
  template <typename Element>
  const Element& choice(const std::vector<Element>& list) {
    return list[below(list.size())];
  }

  // Returns the bytes after one or two changes. Numbers grow by few digits, or beyond all limits: a number
  // that is merely large would be a command for long work.
  std::string changed(std::string bytes) {
    for (size_t changes = 1 + below(2); changes > 0; --changes) bytes = changed_once(bytes);
    return bytes;
  }

 private:
  std::string changed_once(std::string bytes) {
    const size_t begin = below(bytes.size() + 1), length = below(9);
    switch (below(7)) {
      case 0: return bytes.substr(0, begin);
      case 1: return bytes.erase(begin, length);
      case 2: return bytes.insert(begin, 1, char(below(256)));
      case 3: return bytes.insert(begin, bytes.substr(begin, 1));
      case 4: return with_number(bytes, begin);
      default:
        if (begin < bytes.size()) bytes[begin] = char(below(2) ? below(256) : bytes[begin] ^ 1 << below(8));
        return bytes;
    }
  }

  // Replaces the first number after `begin`.
  std::string with_number(const std::string& bytes, size_t begin) {
    static const std::vector<std::string> numbers{
        "0", "-1", "3", "1.5", "1e400", "1e308", "nan", "4294967297", "99999999999999999999", "null", "\"\""};
    const std::string digits = "0123456789";
    const size_t first = bytes.find_first_of(digits, begin), last = bytes.find_first_not_of(digits, first);
    if (first == bytes.npos) return bytes;
    const std::string rest = last == bytes.npos ? "" : bytes.substr(last);
    return bytes.substr(0, first) + choice(numbers) + rest;
  }

  std::mt19937 draw_;
};

}  // namespace ddpm::test
