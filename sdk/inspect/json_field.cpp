#include "sdk/inspect/json_field.hpp"

#include <nlohmann/json.hpp>

namespace weft::inspect {
namespace {

using nlohmann::json;

const json* find(const json& in, std::string_view path) {
  if (!in.is_object()) return nullptr;
  if (const auto whole = in.find(path); whole != in.end()) return &*whole;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const auto inner = in.find(path.substr(0, dot));
    if (inner == in.end()) continue;
    if (const auto* const found = find(*inner, path.substr(dot + 1))) return found;
  }
  return nullptr;
}

} // namespace

result<std::optional<std::string>> json_field_text(std::string_view bytes, std::string_view path) {
  const auto document = json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (document.is_discarded()) return fail(errc::undecodable, "it is not JSON");
  const auto* const field = find(document, path);
  if (field == nullptr || field->is_structured()) return std::nullopt;
  if (field->is_null()) return std::string{};
  if (field->is_string()) return field->get<std::string>();
  return field->dump();
}

} // namespace weft::inspect
