// A check that text is well-formed enough: tags close in the order in which they open, and reserved
// characters are escaped. It knows no comments and no declarations, which our SVG files do not have.
#pragma once

#include <regex>
#include <string>
#include <vector>

namespace ddpm::test {

// How often a piece of text occurs.
inline int count_of(const std::string& text, const std::string& piece) {
  int count = 0;
  for (size_t at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

// What is wrong with the XML text, "" if nothing is.
inline std::string xml_fault(const std::string& xml) {
  static const std::regex opening("([a-z]+)( [a-zA-Z:-]+=\"[^\"<&>]*\")*/?"), entity("&(amp|lt|gt|quot);");
  std::vector<std::string> open;
  for (size_t at = 0; at < xml.size();) {
    const size_t next = std::min(xml.find('<', at), xml.size());
    const std::string words = std::regex_replace(xml.substr(at, next - at), entity, "");
    if (words.find_first_of("&>") != words.npos) return "not escaped: " + words;
    if (next == xml.size()) break;
    const size_t end = xml.find('>', next);
    if (end == xml.npos) return "a tag does not end";
    std::string tag = xml.substr(next + 1, end - next - 1);
    // The bytes of an image are too long for std::regex.
    if (const size_t data = tag.find("base64,"); data != tag.npos)
      tag.erase(data, tag.find('"', data) - data);
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "closes what is not open: " + tag;
      open.pop_back();
    } else {
      std::smatch parts;
      if (!std::regex_match(tag, parts, opening)) return "not a tag: " + tag;
      if (tag.back() != '/') open.push_back(parts[1]);
    }
    at = end + 1;
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

}  // namespace ddpm::test
