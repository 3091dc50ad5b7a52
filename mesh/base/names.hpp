// mesh/base/names.hpp: which names are allowed, and which topics a pattern means.
#pragma once
#include "mesh/base/result.hpp"

#include <string>
#include <string_view>

namespace weft {

/// A topic's name: tokens of [A-Za-z0-9_-]+ joined by dots, at most 249 bytes.
/// @error errc::invalid_name  with the offending byte's place
[[nodiscard]] result<void> check_topic_name(std::string_view name);

/// A node's, group's or subscription's name: [a-z0-9-], 1 to 63 bytes.
/// @error errc::invalid_name
[[nodiscard]] result<void> check_node_name(std::string_view name);

/// Whether the topic belongs to the mesh itself: `_weft.` and all below.
[[nodiscard]] bool is_reserved_topic(std::string_view name) noexcept;
/// Whether a program may publish there. @error errc::denied  the topic is the mesh's own
[[nodiscard]] result<void> check_not_reserved(std::string_view name);

/// A set of topics: a name whose tokens may be `*` (one token) and whose last may be `>` (one or more tokens).
class topic_pattern {
public:
  /// @error errc::invalid_name
  [[nodiscard]] static result<topic_pattern> parse(std::string_view text);

  /// `>` matches every topic but the reserved ones, which a pattern must name by its first token.
  [[nodiscard]] bool matches(std::string_view topic) const noexcept;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Whether it can match one topic only, its own text.
  [[nodiscard]] bool is_literal() const noexcept { return literal_; }
  /// The tokens before the first wildcard, joined by dots; may be empty.
  [[nodiscard]] std::string_view literal_prefix() const noexcept;

  friend bool operator==(const topic_pattern&, const topic_pattern&) = default;

private:
  topic_pattern(std::string text, bool literal) : text_(std::move(text)), literal_(literal) {}

  std::string text_;
  bool literal_;
};

} // namespace weft
