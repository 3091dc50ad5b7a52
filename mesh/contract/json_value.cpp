#include "mesh/contract/json_value.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/contract/short_text.hpp"

#include <fmt/format.h>
#include <unordered_set>
#include <vector>

namespace weft::contract {
namespace {

/// Makes the document and stops at what is refused, so that no hostile text grows it.
class builder {
public:
  using number_integer_t = json::number_integer_t;
  using number_unsigned_t = json::number_unsigned_t;
  using number_float_t = json::number_float_t;
  using string_t = json::string_t;
  using binary_t = json::binary_t;

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(number_integer_t value) { return put(value); }
  bool number_unsigned(number_unsigned_t value) { return put(value); }
  bool number_float(number_float_t value, const string_t&) { return put(value); }
  bool string(string_t& value) { return put(std::move(value)); }
  bool binary(binary_t&) { return false; } // text has none
  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(string_t& name) {
    if (!open_.back().names.insert(name).second) {
      why_ = fmt::format("the JSON value has the field {} twice: readers would take one or the other",
                         short_text(std::string_view(name)));
      return false;
    }
    name_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) {
    why_ = fmt::format("the value is not JSON: byte {} can't be read", at);
    return false;
  }

  [[nodiscard]] json take() { return std::move(root_); }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
  struct level {
    json* at;
    std::unordered_set<std::string> names;
  };

  bool put(json value) {
    place(std::move(value));
    return true;
  }
  bool open(json empty) {
    if (open_.size() == limits::contract_depth_max) {
      why_ = fmt::format("the JSON value is nested deeper than {} levels", limits::contract_depth_max);
      return false;
    }
    open_.push_back({place(std::move(empty)), {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  json* place(json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    auto& in = *open_.back().at;
    if (in.is_array()) return &in.emplace_back(std::move(value));
    auto& members = in.get_ref<json::object_t&>();
    members.push_back({name_, std::move(value)}); // key() has seen to it that it is new
    return &members.back().second;
  }

  json root_;
  std::vector<level> open_; // a container that is open does not move: only the innermost grows
  std::string name_;
  std::string why_ = "the value is not JSON";
};

} // namespace

result<json> parse_value(byte_view text) {
  builder made;
  const auto view = as_text(text);
  if (view.starts_with("\xEF\xBB\xBF"))
    return fail(errc::contract_broken, "the value is not JSON: it begins with a byte order mark");
  if (!json::sax_parse(view.begin(), view.end(), &made)) return fail(errc::contract_broken, made.why());
  return made.take();
}

} // namespace weft::contract
