#include "mesh/contract/admission.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_stamp.hpp"

#include <fmt/format.h>

namespace weft::contract {
namespace {

constexpr std::string_view quarantine_prefix = "_weft.quarantine.";
constexpr std::size_t shown_key_bytes = 64;

std::string shown_key(byte_view key) {
  std::string text;
  for (const auto c : as_text(key.first(std::min(key.size(), shown_key_bytes))))
    text += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? '?' : c;
  return key.size() > shown_key_bytes ? text + "..." : text;
}

/// Which event of a batch it is, for whoever published it.
error told(const error& why, const wire::batch_view& batch, std::size_t index, const contract& by) {
  const auto key = batch.key(index);
  return error(why.code(), fmt::format("topic {}, event {} of {}{}: {}; `weft contracts show {}` has what it must be",
                                       batch.topic(), index + 1, batch.count(),
                                       key.empty() ? "" : fmt::format(" (key {})", shown_key(key)), why.message(),
                                       to_string(by.id()).substr(0, 12)));
}

/// Makes the batches of events that are kept aside; one for each as a rule, more where their headers need the room.
class aside_batches {
public:
  aside_batches(const wire::batch_view& from, const contract& by, std::vector<admitted_part>& to)
      : from_(from),
        contract_(to_string(by.id())),
        to_(to),
        builder_(quarantine_topic(from.topic()), from.producer(), from.codec()) {}

  result<void> add(std::size_t index, const wire::event_view& event, const error& why) {
    const std::string topic(from_.topic());
    std::vector<wire::header_view::header> headers{
        {"weft-topic", topic}, {"weft-contract", contract_}, {"weft-cause", why.message()}};
    const auto own_from = headers.size();
    auto own = event.headers;
    while (const auto header = own.next())
      headers.push_back(*header);
    auto added = put(index, event, headers);
    if (!added && added.error().code() == errc::too_large) { // its own headers have no room beside these
      headers.resize(own_from);
      added = put(index, event, headers);
    }
    return added;
  }
  void seal() {
    if (builder_.count() == 0) return;
    to_.push_back({true, wire::batch_view::trusted(builder_.seal(from_.first_sequence() + first_))});
  }

private:
  result<void> put(std::size_t index, const wire::event_view& event,
                   const std::vector<wire::header_view::header>& headers) {
    const wire::new_event kept{event.time, event.type, event.key, headers, event.value};
    if (builder_.count() == 0) first_ = index;
    auto added = builder_.add(kept);
    if (added || added.error().code() != errc::would_block) return added;
    seal();
    first_ = index;
    return builder_.add(kept);
  }

  const wire::batch_view& from_;
  const std::string contract_;
  std::vector<admitted_part>& to_;
  wire::batch_builder builder_;
  std::size_t first_ = 0; // index of the first event in the builder
};

} // namespace

std::string quarantine_topic(std::string_view topic) { return std::string(quarantine_prefix).append(topic); }

result<void> check_quarantine(std::string_view topic) {
  if (quarantine_prefix.size() + topic.size() <= limits::topic_name_bytes_max) return {};
  return fail(errc::invalid_argument,
              fmt::format("topic {} can't have a quarantine: its name has {} bytes, and the name of the quarantine's "
                          "topic has room for {}",
                          topic, topic.size(), limits::topic_name_bytes_max - quarantine_prefix.size()));
}

result<std::vector<admitted_part>> admit(const topic_rule& rule, const wire::batch_view& batch) {
  if (!rule.by) return fail(rule.by.error());
  const auto& by = **rule.by;
  const auto data = batch.unpack();
  if (!data) return fail(data.error());
  const wire::contract_stamp stamp{by.id(), by.root_name()};
  std::vector<admitted_part> parts;
  std::size_t good_from = 0; // of the events that are in no part yet
  const auto take_good = [&](std::size_t until) -> result<void> {
    if (good_from == until) return {};
    const wire::event_range range{good_from, until - good_from};
    if (range.count == batch.count() && wire::is_stamped(batch, by.id())) {
      parts.push_back({false, batch});
      return {};
    }
    auto made = wire::make_stamped(batch, data->view(), range, stamp);
    if (!made) return fail(std::move(made).error());
    parts.push_back({false, wire::batch_view::trusted(std::move(*made))});
    return {};
  };
  for (std::size_t i = 0; i < batch.count();) {
    auto event = batch.event(i, data->view());
    auto met = by.check(event.value);
    if (met) {
      ++i;
      continue;
    }
    if (!rule.quarantine) return fail(told(met.error(), batch, i, by));
    if (auto taken = take_good(i); !taken) return fail(std::move(taken).error());
    aside_batches aside(batch, by, parts);
    while (!met) {
      if (auto kept = aside.add(i, event, met.error()); !kept) return fail(std::move(kept).error());
      if (++i == batch.count()) break;
      event = batch.event(i, data->view());
      met = by.check(event.value);
    }
    aside.seal();
    good_from = i;
    if (i < batch.count()) ++i; // it is good
  }
  if (auto taken = take_good(batch.count()); !taken) return fail(std::move(taken).error());
  return parts;
}

} // namespace weft::contract
