#include "mesh/base/text_units.hpp"
#include "mesh/node/config_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::node {
namespace {

constexpr std::string_view unset = "unset";

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;

std::string page_row(const config_key& key) {
  const auto range = range_text(key);
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", key.name, type_text(key), default_text(key),
                     range.empty() ? "any" : range, key.meaning);
}

} // namespace

std::string type_text(const config_key& key) {
  return std::visit(overloaded{
                        [](const text_key&) -> std::string { return "text"; },
                        [](const list_key&) -> std::string { return "list of texts"; },
                        [](const size_key&) -> std::string { return "size"; },
                        [](const optional_size_key&) -> std::string { return "size"; },
                        [](const count_key&) -> std::string { return "number"; },
                        [](const duration_key&) -> std::string { return "duration"; },
                        [](const optional_duration_key&) -> std::string { return "duration"; },
                        [](const choice_key&) -> std::string { return "choice"; },
                    },
                    key.kind);
}

std::string default_text(const config_key& key) {
  config fresh;
  const auto text_or_unset = [](const std::string& text) { return text.empty() ? std::string(unset) : text; };
  return std::visit(
      overloaded{
          [&](const text_key& k) { return text_or_unset(k.in(fresh)); },
          [&](const list_key& k) { return text_or_unset(fmt::format("{}", fmt::join(k.in(fresh), ", "))); },
          [&](const size_key& k) { return size_text(k.in(fresh)); },
          [&](const optional_size_key& k) { return k.in(fresh) ? size_text(*k.in(fresh)) : std::string(unset); },
          [&](const count_key& k) { return fmt::format("{}", k.get(fresh)); },
          [&](const duration_key& k) { return duration_text(k.in(fresh)); },
          [&](const optional_duration_key& k) {
            return k.in(fresh) ? duration_text(*k.in(fresh)) : std::string(unset);
          },
          [&](const choice_key& k) { return std::string(k.choices[k.get(fresh)]); },
      },
      key.kind);
}

std::string range_text(const config_key& key) {
  return std::visit(
      overloaded{
          [](const text_key&) { return std::string(); },
          [](const list_key&) { return std::string(); },
          [](const size_key& k) { return fmt::format("{} to {}", size_text(k.least), size_text(k.most)); },
          [](const optional_size_key& k) { return fmt::format("{} or more", size_text(k.least)); },
          [](const count_key& k) { return fmt::format("{} to {}", k.least, k.most); },
          [](const duration_key& k) { return fmt::format("{} to {}", duration_text(k.least), duration_text(k.most)); },
          [](const optional_duration_key& k) { return fmt::format("{} or more", duration_text(k.least)); },
          [](const choice_key& k) { return fmt::format("{}", fmt::join(k.choices, ", ")); },
      },
      key.kind);
}

std::string describe_keys() {
  std::string text;
  for (const auto& key : config_keys()) {
    const auto range = range_text(key);
    text += fmt::format("  {} = {}  ({}{}{})\n      {}\n", key.name, default_text(key), type_text(key),
                        range.empty() ? "" : ", ", range, key.meaning);
  }
  return text;
}

std::string configuration_page() {
  std::string page = R"(# Configuration

`weft node --config FILE.toml` reads these keys; options of the command line come after and win. The part of a key before the
dot is a TOML table. A size is a whole number with a unit (`B`, `KiB`, `MiB`, `GiB`, `TiB`, or `kB`, `MB`, `GB`, `TB`) or a
number of bytes; a duration has units (`d`, `h`, `m`, `s`, `ms`, `us`), as in `1h30m`. An unknown key is an error.

```toml
name = "inventory"
data = "/var/lib/weft/inventory"
listen = "tcp://127.0.0.1:7001"
seeds = ["tcp://127.0.0.1:7000"]

[topics]
retention_time = "7d"
codec = "lz4"

[log]
segment_bytes = "64MiB"
```

| key | type | default | allowed | meaning |
|---|---|---|---|---|
)";
  for (const auto& key : config_keys())
    page += page_row(key);
  page += R"(
## Settings of a topic

`topics.*` is for topics that publishing or `weft topics create` makes; an existing one keeps its settings until
`weft topics alter` changes them. What `weft topics` creates, alters and deletes at one node holds at all nodes of the mesh,
and at those that are away or join as soon as they hear of it: the newest change is the one that stays. A topic that a publish
makes takes the mesh's settings where there are any, and the configuration's otherwise. What a publisher names itself
(`publisher_options`, `event_options`, `weft publish --ack --codec`) holds for what it publishes; what it does not name goes
by the topic:

- `ack`: the node looks when the log takes a batch, so a change holds for all that it takes afterwards, also from publishers
  that run already. The acknowledgement says which level was reached. A batch has the strongest level of its events.
- `codec`: a publisher asks when it opens, before its first batch, and learns of a change by its acknowledgements: behind the
  first one for something that it published after the change, its batches are packed in the new way. Entries that are in the
  log stay as they are; one topic may have entries of both kinds.
)";
  return page;
}

} // namespace weft::node
