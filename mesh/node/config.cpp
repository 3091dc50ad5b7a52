#include "mesh/node/config.hpp"

#include "mesh/base/text_units.hpp"
#include "mesh/node/config_keys.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

namespace weft::node {
namespace {

/// Reads one document and gathers everything that is wrong with it.
class reader {
public:
  reader(std::string source, config base) : source_(std::move(source)), config_(std::move(base)) {}

  void read(const toml::table& table, const std::string& prefix = {}) {
    for (const auto& [key, node] : table) {
      const auto name = prefix + std::string(key.str());
      if (const auto* known = find_config_key(name))
        read_key(*known, node);
      else if (const auto* inner = node.as_table(); inner != nullptr && is_table(name))
        read(*inner, name + ".");
      else
        unknown(name, key.source());
    }
  }

  [[nodiscard]] result<config> finish() {
    if (problems_.empty())
      if (const auto checked = check_config(config_); !checked) return fail(checked.error().within(source_));
    if (problems_.empty()) return std::move(config_);
    std::ranges::sort(problems_);
    std::vector<std::string> lines;
    lines.reserve(problems_.size());
    for (const auto& [line, column, what] : problems_)
      lines.push_back(fmt::format("{}:{}:{}: {}", source_, line, column, what));
    return fail(errc::invalid_argument, fmt::format("{}", fmt::join(lines, "\n")));
  }

private:
  using place = toml::source_region;

  static bool is_table(const std::string& name) {
    return std::ranges::any_of(config_keys(), [&](const config_key& key) { return key.name.starts_with(name + "."); });
  }

  void problem(const place& at, const std::string& what) {
    problems_.emplace_back(at.begin.line, at.begin.column, what);
  }

  void unknown(const std::string& name, const place& at) {
    const auto* nearest = nearest_config_key(name);
    problem(at, nearest != nullptr ? fmt::format("unknown key '{}': did you mean '{}'?", name, nearest->name)
                                   : fmt::format("unknown key '{}': `weft node --help` lists the keys", name));
  }

  void read_key(const config_key& key, const toml::node& node) {
    const auto done = std::visit([&](const auto& kind) { return set(kind, node); }, key.kind);
    if (!done) problem(node.source(), fmt::format("{}: {}", key.name, done.error().message()));
  }

  // --- one for each kind of key

  result<void> set(const text_key& kind, const toml::node& node) {
    auto text = text_of(node, "a text in quotes");
    if (!text) return fail(text.error());
    if (kind.check != nullptr)
      if (const auto checked = kind.check(*text); !checked) return wrong(*text, checked.error());
    kind.in(config_) = std::move(*text);
    return {};
  }

  result<void> set(const list_key& kind, const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr) return fail(errc::invalid_argument, R"(write a list of texts, such as ["a", "b"])");
    std::vector<std::string> items;
    for (const auto& element : *array) {
      auto text = text_of(element, "each item as a text in quotes");
      if (!text) return fail(text.error());
      if (const auto checked = kind.check(*text); !checked) return wrong(*text, checked.error());
      items.push_back(std::move(*text));
    }
    kind.in(config_) = std::move(items);
    return {};
  }

  result<void> set(const size_key& kind, const toml::node& node) {
    return size_of(node).and_then([&](std::uint64_t bytes) -> result<void> {
      if (bytes < kind.least || bytes > kind.most)
        return fail(errc::invalid_argument, fmt::format("{} is outside {} to {}", size_text(bytes),
                                                        size_text(kind.least), size_text(kind.most)));
      kind.in(config_) = bytes;
      return {};
    });
  }

  result<void> set(const optional_size_key& kind, const toml::node& node) {
    return size_of(node).and_then([&](std::uint64_t bytes) -> result<void> {
      if (bytes < kind.least)
        return fail(errc::invalid_argument, fmt::format("{} is below {}", size_text(bytes), size_text(kind.least)));
      kind.in(config_) = bytes;
      return {};
    });
  }

  result<void> set(const count_key& kind, const toml::node& node) {
    const auto* number = node.as_integer();
    const auto count = number == nullptr ? std::int64_t{-1} : number->get();
    if (count < 0 || static_cast<std::uint64_t>(count) < kind.least || static_cast<std::uint64_t>(count) > kind.most)
      return fail(errc::invalid_argument, fmt::format("write a whole number, {} to {}", kind.least, kind.most));
    kind.set(config_, static_cast<std::uint64_t>(count));
    return {};
  }

  result<void> set(const duration_key& kind, const toml::node& node) {
    return duration_of(node).and_then([&](microseconds time) -> result<void> {
      if (time < kind.least || time > kind.most)
        return fail(errc::invalid_argument, fmt::format("{} is outside {} to {}", duration_text(time),
                                                        duration_text(kind.least), duration_text(kind.most)));
      kind.in(config_) = time;
      return {};
    });
  }

  result<void> set(const optional_duration_key& kind, const toml::node& node) {
    return duration_of(node).and_then([&](microseconds time) -> result<void> {
      if (time < kind.least)
        return fail(errc::invalid_argument,
                    fmt::format("{} is below {}", duration_text(time), duration_text(kind.least)));
      kind.in(config_) = time;
      return {};
    });
  }

  result<void> set(const choice_key& kind, const toml::node& node) {
    const auto text = text_of(node, "one of the choices in quotes");
    const auto found = text ? std::ranges::find(kind.choices, *text) : kind.choices.end();
    if (found == kind.choices.end())
      return fail(errc::invalid_argument, fmt::format("write one of: \"{}\"", fmt::join(kind.choices, "\", \"")));
    kind.set(config_, static_cast<std::size_t>(found - kind.choices.begin()));
    return {};
  }

  // --- values

  static tl::unexpected<error> wrong(const std::string& text, const error& why) {
    return fail(errc::invalid_argument, fmt::format("'{}': {}", text, why.message()));
  }

  static result<std::string> text_of(const toml::node& node, std::string_view wanted) {
    if (const auto* text = node.as_string()) return text->get();
    return fail(errc::invalid_argument, fmt::format("write {}", wanted));
  }

  static result<std::uint64_t> size_of(const toml::node& node) {
    if (const auto* bytes = node.as_integer(); bytes != nullptr && bytes->get() >= 0)
      return static_cast<std::uint64_t>(bytes->get());
    if (const auto* text = node.as_string()) return parse_size(text->get());
    return fail(errc::invalid_argument, R"(write a size, such as "64MiB", or a number of bytes)");
  }

  static result<microseconds> duration_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return parse_duration(text->get());
    return fail(errc::invalid_argument, R"(write a duration with its unit in quotes, such as "15m")");
  }

  std::string source_;
  config config_;
  std::vector<std::tuple<toml::source_index, toml::source_index, std::string>> problems_;
};

/// The texts that one key has got, from wherever.
result<void> check_texts(const config_key& key, config& values) {
  const auto check = [&](const std::string& text, auto* rule) -> result<void> {
    if (rule == nullptr || text.empty()) return {};
    const auto checked = rule(text);
    if (checked) return {};
    return fail(errc::invalid_argument, fmt::format("{}: '{}': {}", key.name, text, checked.error().message()));
  };
  if (const auto* kind = std::get_if<text_key>(&key.kind)) return check(kind->in(values), kind->check);
  if (const auto* kind = std::get_if<list_key>(&key.kind))
    for (const auto& text : kind->in(values))
      if (auto checked = check(text, kind->check); !checked) return checked;
  return {};
}

bool is_every_interface(std::string_view address) {
  return address.starts_with("tcp://0.0.0.0:") || address.starts_with("tcp://[::]:") || address.starts_with("tcp://*:");
}

} // namespace

result<config> parse_config(std::string_view toml, const std::string& source, config base) {
  try {
    reader in(source, std::move(base));
    in.read(toml::parse(toml, source));
    return in.finish();
  } catch (const toml::parse_error& problem) {
    return fail(errc::invalid_argument, fmt::format("{}:{}:{}: {}", source, problem.source().begin.line,
                                                    problem.source().begin.column, problem.description()));
  }
}

result<void> check_config(const config& item) {
  auto values = item; // the keys' table reaches members to write them
  for (const auto& key : config_keys())
    if (auto checked = check_texts(key, values); !checked) return checked;
  if (item.links.heartbeat_timeout < 2 * item.links.heartbeat_interval)
    return fail(errc::invalid_argument,
                fmt::format("links.heartbeat_timeout ({}) must be at least twice "
                            "links.heartbeat_interval ({})",
                            duration_text(item.links.heartbeat_timeout), duration_text(item.links.heartbeat_interval)));
  if (item.telemetry.every != microseconds{} && item.telemetry.every < microseconds(limits::telemetry_every_least))
    return fail(errc::invalid_argument,
                fmt::format("telemetry.every ({}) must be 0s or at least {}", duration_text(item.telemetry.every),
                            duration_text(limits::telemetry_every_least)));
  if (item.telemetry.rollup_every != microseconds{} &&
      item.telemetry.rollup_every < microseconds(limits::rollup_every_least))
    return fail(errc::invalid_argument,
                fmt::format("telemetry.rollup_every ({}) must be 0s or at least {}",
                            duration_text(item.telemetry.rollup_every), duration_text(limits::rollup_every_least)));
  if (item.topics.ack.copies() > item.topics.replicas)
    return fail(errc::invalid_argument, fmt::format("topics.ack = \"{}\" needs topics.replicas = {} or more",
                                                    to_string(item.topics.ack), item.topics.ack.copies()));
  if (is_every_interface(item.listen) && item.advertise.empty())
    return fail(errc::invalid_argument,
                fmt::format("listen = \"{}\" needs `advertise`: the address that other nodes dial", item.listen));
  for (const auto& address : item.advertise)
    if (is_every_interface(address))
      return fail(errc::invalid_argument,
                  fmt::format("advertise = \"{}\" is no address that other nodes can dial", address));
  return {};
}

} // namespace weft::node
