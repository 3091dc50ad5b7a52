#include "sdk/src/service/state_events.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/log/coding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <xxhash.h>

namespace weft::detail {
namespace {

constexpr std::string_view row_prefix = "row/", timer_prefix = "timer/", handled_prefix = "handled/",
                           part_prefix = "part/", slice_prefix = "slice/";
constexpr char plain = '=', set = 'S', removed = 'R';
constexpr std::size_t head_bytes = 1 + 2 * sizeof(std::uint32_t);

/// Without '/'.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name)
    if (c == '/' || c == '%')
      text += c == '/' ? "%2F" : "%25";
    else
      text += c;
  return text;
}
std::string unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text.substr(i, 3) == "%2F" || text.substr(i, 3) == "%25") {
      name += text[i + 2] == 'F' ? '/' : '%';
      i += 2;
    } else {
      name += text[i];
    }
  return name;
}

/// Cuts off what lies before the next '/', and that.
std::string_view take_token(std::string_view& from) {
  const auto end = std::min(from.find('/'), from.size());
  const auto token = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return token;
}

template <class Integer>
std::optional<Integer> number_in(std::string_view text) {
  Integer value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc{} && end.ptr == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string key_of(std::string_view name) {
  if (name.size() <= limits::state_key_bytes_max) return std::string(name);
  const auto hash = XXH3_128bits(name.data(), name.size());
  return fmt::format("hash/{:016x}{:016x}", hash.high64, hash.low64);
}

tl::unexpected<error> damaged(std::string_view key) {
  return fail(errc::corrupt, fmt::format("the event {} is not of a service's state", key.substr(0, 100)));
}

std::optional<node_id> node_in(std::string_view hex) {
  std::array<std::uint8_t, 32> bytes{};
  if (hex.size() != 2 * bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto* const at = hex.data() + 2 * i;
    if (std::from_chars(at, at + 2, bytes[i], 16).ptr != at + 2) return std::nullopt;
  }
  return node_id{bytes};
}

result<handled_places::piece> handled_in(std::string_view rest, std::string_view value) {
  const auto node = node_in(take_token(rest));
  const auto ordinal = number_in<std::uint32_t>(take_token(rest));
  const auto of_epoch = number_in<std::uint64_t>(take_token(rest));
  if (!node || !ordinal || !of_epoch) return fail(errc::corrupt, "what was handled is of no log");
  handled_places::piece one{{*node, *ordinal}, epoch{*of_epoch}, {}, {}};
  if (!rest.empty()) {
    const auto of = number_in<std::uint16_t>(rest);
    if (!of || *of >= limits::slots || *of % handled_places::slots_of_piece != 0)
      return fail(errc::corrupt, "what was handled is of no slot");
    one.first = slot{*of};
  }
  const auto bytes = as_bytes(value);
  one.bytes.assign(bytes.begin(), bytes.end());
  return one;
}

} // namespace

// --- items

std::string name_of(const state_key& row) { return fmt::format("{}{}/{}", row_prefix, escaped(row.table), row.key); }
std::string name_of(const timer_id& timer) {
  return fmt::format("{}{}/{}", timer_prefix, escaped(timer.name), timer.key);
}
std::string name_of(const handled_places::piece& handled) {
  auto name = fmt::format("{}{}/{}/{}", handled_prefix, to_string(handled.log.node), handled.log.ordinal,
                          handled.epoch.value());
  return handled.first ? fmt::format("{}/{}", name, handled.first->value()) : name;
}

result<state_change> change_in(state_item item) {
  std::string_view rest = item.name;
  if (rest.starts_with(row_prefix)) {
    rest.remove_prefix(row_prefix.size());
    auto table = unescaped(take_token(rest));
    return row_change{{std::move(table), std::string(rest)}, std::move(item.value)};
  }
  if (rest.starts_with(timer_prefix)) {
    rest.remove_prefix(timer_prefix.size());
    timer_change change{{unescaped(take_token(rest)), {}}, {}};
    change.of.key = std::string(rest);
    if (!item.value) return change;
    auto row = timer_from(*item.value);
    if (!row) return fail(row.error());
    change.row = *std::move(row);
    return change;
  }
  if (!rest.starts_with(handled_prefix) || !item.value) return damaged(item.name);
  rest.remove_prefix(handled_prefix.size());
  auto handled = handled_in(rest, *item.value);
  if (!handled) return fail(handled.error());
  return *std::move(handled);
}

std::string join_items(const std::vector<state_item>& items) {
  log::byte_writer bytes;
  for (const auto& [name, value] : items) {
    bytes.put_sized(as_bytes(name));
    bytes.put(static_cast<std::uint8_t>(value ? 1 : 0));
    bytes.put_sized(value ? as_bytes(*value) : byte_view());
  }
  return std::string(as_text(bytes.view()));
}

result<std::vector<state_item>> part_items(std::string_view bytes) {
  std::vector<state_item> items;
  for (log::byte_reader from(as_bytes(bytes)); from.left() > 0;) {
    std::string name(as_text(from.get_sized()));
    const bool has = from.get<std::uint8_t>() != 0;
    std::string value(as_text(from.get_sized()));
    if (!from.ok()) return fail(errc::corrupt, "a step of a service's state is cut off");
    items.push_back({std::move(name), has ? std::optional(std::move(value)) : std::nullopt});
  }
  return items;
}

// --- marks

std::string to_string(const state_step& step) { return fmt::format("{}/{}", step.term, step.number); }

result<state_step> parse_state_step(std::string_view text) {
  const auto term = number_in<std::uint64_t>(take_token(text));
  const auto number = number_in<std::uint64_t>(text);
  if (!term || !number) return fail(errc::corrupt, "an event of a service's state has no step");
  return state_step{*term, *number};
}

result<state_step> step_of(const shared_bytes& batch) {
  const auto view = wire::batch_view::trusted(batch);
  const auto data = view.unpack();
  if (!data) return fail(data.error());
  if (const auto step = view.event(0, data->view()).headers.find(state_step_header)) return parse_state_step(*step);
  return fail(errc::corrupt, "a batch of a service's state has no step");
}

std::string encode(const state_mark& mark) {
  return nlohmann::json{{"service", mark.service},
                        {"home", mark.home},
                        {"member", fmt::format("{:016x}", mark.member.value())},
                        {"step", to_string(mark.at)},
                        {"since", to_string(mark.since)},
                        {"whole", mark.whole},
                        {"parts", mark.parts}}
      .dump();
}

result<state_mark> decode_state_mark(std::string_view text) {
  const auto read = nlohmann::json::parse(text, nullptr, false);
  const auto has = [&](const char* name, auto is) { return read.contains(name) && (read[name].*is)(); };
  using json = nlohmann::json;
  const bool is_mark = read.is_object() && has("service", &json::is_string) && has("home", &json::is_string) &&
                       has("member", &json::is_string) && has("step", &json::is_string) &&
                       has("since", &json::is_string) && has("whole", &json::is_boolean) &&
                       has("parts", &json::is_number_unsigned);
  if (!is_mark) return damaged(state_mark_key);
  state_mark mark{read["service"].get<std::string>(), read["home"].get<std::string>(),   {}, {}, {},
                  read["whole"].get<bool>(),          read["parts"].get<std::uint32_t>()};
  const auto member = read["member"].get<std::string>();
  std::uint64_t id = 0;
  const auto end = std::from_chars(member.data(), member.data() + member.size(), id, 16);
  const auto at = parse_state_step(read["step"].get<std::string>());
  const auto since = parse_state_step(read["since"].get<std::string>());
  if (end.ec != std::errc{} || !at || !since) return damaged(state_mark_key);
  mark.member = wire::member_id{id};
  mark.at = *at;
  mark.since = *since;
  return mark;
}

// --- events

state_batches::state_batches(std::string topic, producer_id whose, std::uint64_t next_sequence, const state_step& at,
                             wall_time now)
    : step_(to_string(at)), now_(now), builder_(std::move(topic), whose, wire::codec::none), next_(next_sequence) {}

std::uint32_t state_batches::slices_of(std::string_view name, std::size_t value_bytes) {
  const auto bytes = value_bytes + (name.size() > limits::state_key_bytes_max ? name.size() : 0);
  return static_cast<std::uint32_t>(
      std::max<std::size_t>(1, (bytes + limits::state_slice_bytes - 1) / limits::state_slice_bytes));
}

void state_batches::put(std::string_view key, std::string_view value) {
  const wire::header_view::header header{state_step_header, step_};
  const wire::new_event made{now_, state_event_type, as_bytes(key), {&header, 1}, as_bytes(value)};
  auto added = builder_.add(made);
  if (!added) { // full
    seal();
    added = builder_.add(made);
  }
  WEFT_ASSERT(added);
}

std::uint32_t state_batches::add(std::string_view name, const std::optional<std::string_view>& value,
                                 std::uint32_t slices_before) {
  const auto key = key_of(name);
  const bool is_named = key == name;
  const auto slices = slices_of(name, value ? value->size() : 0);
  std::string text;
  if (is_named && (!value || value->size() <= limits::state_slice_bytes)) {
    if (value) text = plain + std::string(*value);
  } else {
    std::string all(is_named ? std::string_view() : name);
    if (value) all += *value;
    const std::string_view whole = all;
    for (std::uint32_t i = 1; i < slices; ++i)
      put(fmt::format("{}{}/{}", slice_prefix, i, key),
          whole.substr(i * limits::state_slice_bytes, limits::state_slice_bytes));
    log::byte_writer head;
    head.put(static_cast<std::uint8_t>(value ? set : removed));
    head.put(slices);
    head.put(static_cast<std::uint32_t>(is_named ? 0 : name.size()));
    text = as_text(head.view());
    text += whole.substr(0, limits::state_slice_bytes);
  }
  put(key, text);
  for (auto i = slices; i < slices_before; ++i)
    put(fmt::format("{}{}/{}", slice_prefix, i, key), {});
  return slices;
}

void state_batches::add(const state_mark& mark) { put(state_mark_key, encode(mark)); }
void state_batches::add_part(std::uint32_t number, std::string_view bytes) {
  put(fmt::format("{}{}", part_prefix, number), bytes);
}
void state_batches::drop_part(std::uint32_t number) { put(fmt::format("{}{}", part_prefix, number), {}); }

void state_batches::seal() {
  if (builder_.count() == 0) return;
  const auto count = builder_.count();
  sealed_.push_back(builder_.seal(next_));
  next_ += count;
}

std::vector<shared_bytes> state_batches::take() {
  seal();
  return std::exchange(sealed_, {});
}

// --- a state from events

state_fold::state_fold(const std::optional<state_mark>& known) {
  if (!known) return;
  since_ = known->since;
  until_ = known->at;
}

result<void> state_fold::on(std::string_view key, const std::optional<std::string_view>& value, std::string_view step) {
  const auto at = parse_state_step(step);
  if (!at) return fail(at.error());
  if (*at < since_ || *at < last_) return {};
  last_ = *at;
  if (key == state_mark_key) return value ? take_mark(*value) : damaged(key);
  if (!key.starts_with(part_prefix)) return take_item(key, value, *at);
  const auto number = number_in<std::uint32_t>(key.substr(part_prefix.size()));
  if (!number) return damaged(key);
  if (!parts_.empty() && parts_.begin()->second.at < *at) parts_.clear();
  if (value) {
    parts_[*number] = {*at, std::string(*value)};
  } else { // the items themselves have come before this
    parts_.erase(*number);
    owes_items_ = false;
  }
  return {};
}

result<void> state_fold::take_mark(std::string_view text) {
  const auto mark = decode_state_mark(text);
  if (!mark) return fail(mark.error());
  if (!mark->whole) {
    due_.clear();
    kept_back_.clear();
    slices_.clear();
    incomplete_.clear();
    anew_ = true;
    since_ = mark->since;
  }
  has_missed_ = since_ != mark->since;
  owes_items_ = false;
  until_ = std::max(until_, mark->at);
  mark_ = *mark;
  for (auto& item : std::exchange(kept_back_, {}))
    count(std::move(item), mark->at);
  return mark->parts > 0 && !parts_.empty() ? take_parts(*mark) : result<void>();
}

/// Compaction may have taken some: after the items of the step had come one by one.
result<void> state_fold::take_parts(const state_mark& of) {
  std::string all;
  for (std::uint32_t i = 0; i < of.parts; ++i) {
    const auto one = parts_.find(i);
    owes_items_ = one == parts_.end() || one->second.at != of.at;
    if (owes_items_) return {};
    all += one->second.bytes;
  }
  auto items = part_items(all);
  if (!items) return fail(items.error());
  for (auto& item : *items)
    count(std::move(item), of.at);
  return {};
}

result<void> state_fold::take_item(std::string_view key, const std::optional<std::string_view>& value,
                                   const state_step& at) {
  if (key.starts_with(slice_prefix)) {
    auto rest = key.substr(slice_prefix.size());
    const auto number = number_in<std::uint32_t>(take_token(rest));
    if (!number) return damaged(key);
    if (value) slices_[std::string(rest)][*number] = {at, std::string(*value)};
    return {};
  }
  const auto is_head = value && !value->empty() && (value->front() == set || value->front() == removed);
  if (value && !is_head && (value->empty() || value->front() != plain)) return damaged(key);
  auto others = slices_.extract(std::string(key));
  if (!is_head) {
    count({std::string(key), value ? std::optional(std::string(value->substr(1))) : std::nullopt}, at);
    return {};
  }
  if (value->size() < head_bytes) return damaged(key);
  log::byte_reader rest(as_bytes(value->substr(1)));
  const auto slices = rest.get<std::uint32_t>(), name_size = rest.get<std::uint32_t>();
  std::string all(as_text(rest.get_bytes(rest.left())));
  for (std::uint32_t i = 1; i < slices; ++i) {
    const auto one = others.empty() ? decltype(others.mapped().begin()){} : others.mapped().find(i);
    if (others.empty() || one == others.mapped().end() || one->second.at != at) { // a later one took its place
      incomplete_.insert(std::string(key));
      return {};
    }
    all += one->second.bytes;
  }
  if (name_size > all.size()) return damaged(key);
  state_item item{name_size == 0 ? std::string(key) : all.substr(0, name_size), {}};
  if (value->front() == set) item.value = all.substr(name_size);
  count(std::move(item), at);
  return {};
}

void state_fold::count(state_item item, const state_step& at) {
  if (at > until_) return kept_back_.push_back(std::move(item));
  incomplete_.erase(key_of(item.name));
  due_.push_back(std::move(item));
}

} // namespace weft::detail
