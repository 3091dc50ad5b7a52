// mesh/contract/value_path.hpp: where in a value a walk is, for what it says of it. Internal to mesh/contract.
#pragma once
#include <fmt/format.h>
#include <string>
#include <string_view>

namespace weft::contract {

/// A path such as `lines[2].sku`, and how deep it is.
/// @thread one at a time
class value_path {
public:
  /// A step down that is taken back at the end of the scope.
  class step {
  public:
    step(value_path& path, std::string_view field) : path_(path), before_(path.text_.size()) {
      if (!path_.text_.empty()) path_.text_ += '.';
      path_.text_ += field;
      ++path_.depth_;
    }
    step(value_path& path, std::size_t index) : path_(path), before_(path.text_.size()) {
      fmt::format_to(std::back_inserter(path_.text_), "[{}]", index);
      ++path_.depth_;
    }
    ~step() {
      path_.text_.resize(before_);
      --path_.depth_;
    }
    step(const step&) = delete;
    step& operator=(const step&) = delete;

  private:
    value_path& path_;
    std::size_t before_;
  };

  [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
  /// `the field lines[2].sku`, or `the value`.
  [[nodiscard]] std::string named() const { return text_.empty() ? "the value" : "the field " + text_; }

private:
  std::string text_;
  std::size_t depth_ = 0;
};

} // namespace weft::contract
