#include "gui/core/csv.hpp"

namespace weft::monitor::csv {

std::string field(std::string_view text) {
  const bool edge = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!edge && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void add_record(std::string& to, std::span<const std::string> fields) {
  if (fields.size() == 1 && fields[0].empty()) to += "\"\"";
  bool first = true;
  for (const auto& text : fields) {
    if (!first) to += ',';
    first = false;
    to += field(text);
  }
  to += "\r\n";
}

} // namespace weft::monitor::csv
