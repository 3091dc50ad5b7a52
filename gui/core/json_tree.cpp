#include "gui/core/json_tree.hpp"

#include "gui/core/limits.hpp"

#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace weft::monitor {
namespace {

using nlohmann::json;

/// Reads the document and counts what was read, so that the parser's callbacks know where they are.
class counting_iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counting_iterator(const char* at, std::size_t* read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  counting_iterator& operator++() {
    ++at_;
    ++*read_;
    return *this;
  }
  counting_iterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const counting_iterator& a, const counting_iterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const counting_iterator& a, const counting_iterator& b) { return a.at_ != b.at_; }

private:
  const char* at_;
  std::size_t* read_;
};

std::string count_text(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

class tree_maker : public nlohmann::json_sax<json> {
public:
  explicit tree_maker(std::string_view document) : document_(document) {}

  std::size_t read = 0; // bytes, by the iterator
  json_item root;
  std::string problem;
  bool too_large = false;

  bool null() override { return leaf(json_kind::null, "null"); }
  bool boolean(bool value) override { return leaf(json_kind::truth, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return leaf(json_kind::number, fmt::format("{}", value)); }
  bool number_unsigned(number_unsigned_t value) override { return leaf(json_kind::number, fmt::format("{}", value)); }
  bool number_float(number_float_t /*value*/, const string_t& as_written) override {
    return leaf(json_kind::number, as_written);
  }
  bool string(string_t& value) override { return leaf(json_kind::text, value); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*count*/) override { return open(json_kind::object); }
  bool start_array(std::size_t /*count*/) override { return open(json_kind::array); }
  bool end_object() override { return close("field", "fields"); }
  bool end_array() override { return close("item", "items"); }
  bool key(string_t& name) override {
    name_ = name;
    from_ = read;
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const json::exception& why) override {
    problem = why.what();
    return false;
  }

private:
  /// Where the value begins that the parser has read: behind what separates it from the one before.
  [[nodiscard]] std::size_t begin_of_value() const {
    const auto at = document_.find_first_not_of(" \t\r\n,:", from_);
    return at == std::string_view::npos ? document_.size() : at;
  }
  json_item* add(json_kind kind, std::string text) {
    if (++items_ > limits::json_items_max || open_.size() > limits::json_depth_max) {
      too_large = true;
      return nullptr;
    }
    json_item made{{}, std::move(text), kind, begin_of_value(), 0, {}};
    if (open_.empty()) {
      root = std::move(made);
      return &root;
    }
    auto& in = *open_.back();
    made.name = in.kind == json_kind::array ? fmt::format("{}", in.items.size()) : name_;
    return &in.items.emplace_back(std::move(made));
  }
  bool leaf(json_kind kind, std::string text) {
    auto* const made = add(kind, std::move(text));
    if (made == nullptr) return false;
    // A number ends where something else begins, which the parser has read, too.
    const auto end = kind == json_kind::number ? document_.find_first_of(" \t\r\n,]}", made->begin) : read;
    made->end = end == std::string_view::npos ? document_.size() : end;
    from_ = made->end;
    return true;
  }
  bool open(json_kind kind) {
    auto* const made = add(kind, {});
    if (made == nullptr) return false;
    open_.push_back(made); // its siblings come after it is closed: it stays where it is
    from_ = made->begin + 1;
    return true;
  }
  bool close(const char* one, const char* many) {
    auto& made = *open_.back();
    made.text = count_text(made.items.size(), one, many);
    made.end = read;
    from_ = read;
    open_.pop_back();
    return true;
  }

  std::string_view document_;
  std::size_t from_ = 0, items_ = 0;
  std::string name_;
  std::vector<json_item*> open_;
};

} // namespace

result<json_item> json_tree(std::string_view document) {
  tree_maker maker(document);
  const bool whole = json::sax_parse(counting_iterator(document.data(), &maker.read),
                                     counting_iterator(document.data() + document.size(), &maker.read), &maker);
  if (whole) return std::move(maker.root);
  if (maker.too_large)
    return fail(errc::too_large, fmt::format("it has more than {} parts, or is deeper than {}: see it as text",
                                             limits::json_items_max, limits::json_depth_max));
  return fail(errc::undecodable, "it is not JSON: " + maker.problem);
}

std::string pretty_json(std::string_view document) {
  const auto parsed = nlohmann::ordered_json::parse(document.begin(), document.end(), nullptr, false);
  if (parsed.is_discarded()) return std::string(document);
  return parsed.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace weft::monitor
