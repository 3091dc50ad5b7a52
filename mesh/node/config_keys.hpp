// mesh/node/config_keys.hpp: the one table of configuration keys, which parsing, help and documentation share.
#pragma once
#include "mesh/node/config.hpp"

#include <functional>
#include <span>
#include <variant>

namespace weft::node {

/// A kind of value: where it is in a config, and which values are allowed.
struct text_key {
  std::string& (*in)(config&);
  result<void> (*check)(std::string_view text); ///< none: any text
};
struct list_key {
  std::vector<std::string>& (*in)(config&);
  result<void> (*check)(std::string_view item);
};
struct size_key {
  std::uint64_t& (*in)(config&);
  std::uint64_t least, most; ///< bytes
};
struct optional_size_key {
  std::optional<std::uint64_t>& (*in)(config&);
  std::uint64_t least; ///< bytes
};
struct count_key {
  std::uint64_t (*get)(const config&);
  void (*set)(config&, std::uint64_t count);
  std::uint64_t least, most;
};
struct duration_key {
  microseconds& (*in)(config&);
  microseconds least, most;
};
struct optional_duration_key {
  std::optional<microseconds>& (*in)(config&);
  microseconds least;
};
struct choice_key {
  std::size_t (*get)(const config&);
  void (*set)(config&, std::size_t choice);
  std::span<const std::string_view> choices;
};

struct config_key {
  std::string_view name; ///< "log.segment_bytes": table and key
  std::variant<text_key, list_key, size_key, optional_size_key, count_key, duration_key, optional_duration_key,
               choice_key>
      kind;
  std::string_view meaning; ///< one sentence
};

/// In the order of the documentation; keys of one table stand together, those without one first.
[[nodiscard]] std::span<const config_key> config_keys() noexcept;
[[nodiscard]] const config_key* find_config_key(std::string_view name) noexcept;
/// The key whose name needs the fewest edits to become `name`; none when all are far off.
[[nodiscard]] const config_key* nearest_config_key(std::string_view name);

/// "size", "number", "duration", "text", "list of texts", or the choices: "none | lz4".
[[nodiscard]] std::string type_text(const config_key& key);
/// "64MiB"; "unset" where nothing is set.
[[nodiscard]] std::string default_text(const config_key& key);
/// "1MiB to 4GiB"; empty when there is none.
[[nodiscard]] std::string range_text(const config_key& key);

/// All keys with type, default, range and meaning, for `--help`.
[[nodiscard]] std::string describe_keys();
/// The page mesh/doc/configuration.md.
[[nodiscard]] std::string configuration_page();

} // namespace weft::node
