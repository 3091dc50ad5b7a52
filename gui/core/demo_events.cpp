#include "gui/core/demo_events.hpp"

#include "gui/core/demo_contracts.hpp"
#include "gui/core/demo_values.hpp"
#include "gui/core/limits.hpp"
#include "mesh/base/position.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <span>

namespace weft::monitor {
namespace {

using demo::mix;

constexpr time_us every = limits::second / 4;   // something happens
constexpr time_us longest = 4 * limits::second; // until its last event, whatever the clocks
constexpr time_us window = 10 * limits::second; // sorted at once
constexpr std::uint64_t steps_max = 16;         // of one: the low bits of a seq
constexpr std::string_view epoch_text = "1-de30";

/// An event that comes of others of the same happening.
struct step {
  std::string_view topic, type, service;
  int cause = -1, second = -1; // steps; second: it waits for both
  int ms = 0;                  // after the later of them, about
};

constexpr step order_steps[] = {
    {"retail.orders", "OrderPlaced", ""},
    {"retail.payments", "PaymentAuthorised", "payments", 0, -1, 17},
    {"retail.stock", "StockReserved", "inventory", 0, -1, 11},
    {"billing.ledger", "EntryBooked", "ledger", 1, -1, 18},
    {"logistics.picks", "PickRequested", "picking", 1, 2, 33},
    {"billing.invoices", "InvoiceMade", "invoices", 3, -1, 12},
    {"logistics.parcels", "ParcelPacked", "packing", 4, -1, 96},
    {"logistics.scans", "ParcelScanned", "tracking", 6, -1, 14},
    {"logistics.scans", "ParcelScanned", "tracking", 6, -1, 41},
    {"logistics.scans", "ParcelScanned", "tracking", 6, -1, 58},
    {"insight.reports", "RevenueCounted", "reports", 5, -1, 22},
    {"retail.orders", "OrderShipped", "order-book", 9, -1, 9},
};
constexpr step stock_steps[] = {
    {"insight.forecasts", "DemandForecast", ""},
    {"retail.prices", "PriceChanged", "pricing", 0, -1, 25},
    {"retail.stock", "StockOrdered", "suppliers", 0, -1, 60},
};
constexpr step cart_steps[] = {{"retail.carts", "CartChanged", ""}};
constexpr step click_steps[] = {{"retail.clicks", "PageSeen", ""}};
constexpr step search_steps[] = {{"retail.searches", "Searched", ""}};

std::span<const step> steps_of(std::uint64_t number) {
  const auto drawn = mix(number, 0) % 12;
  if (drawn < 5) return order_steps;
  if (drawn < 6) return stock_steps;
  if (drawn < 8) return cart_steps;
  return drawn < 10 ? std::span<const step>(click_steps) : std::span<const step>(search_steps);
}

/// An order whose last events are away: retention took the one that led to it.
bool has_lost_cause(std::uint64_t number) { return mix(number, 101) % 9 == 0; }

std::optional<std::pair<std::uint64_t, std::uint64_t>> numbers_of(std::string_view position) {
  const auto at = parse_position(position);
  if (!at) return std::nullopt;
  return std::pair(at->at.seq.value() / steps_max, at->at.seq.value() % steps_max);
}

caused_event without_value(const event_row& from) {
  caused_event made{from.position, from.node, from.topic, from.type, from.key, {}, {}, from.logged_at};
  for (const auto& [name, value] : from.headers) {
    if (name == "weft-origin") made.service = value.substr(0, value.find(' '));
    if (name == "weft-caused-by") made.causes.push_back(value);
  }
  return made;
}

} // namespace

struct demo_events::story {
  std::uint64_t number;
  std::span<const step> steps;
};

/// In a log that has the topic; where the mesh has no such topic, in another one.
void demo_events::place(event_row& made, std::string_view topic, std::uint64_t drawn) const {
  const auto& topics = mesh_->topics;
  auto found = std::ranges::find(topics, topic, &topic_view::name);
  if (found == topics.end()) found = topics.begin() + static_cast<std::ptrdiff_t>(drawn % topics.size());
  made.topic = found->name;
  if (found->logs.empty()) {
    made.node = mesh_->nodes.empty() ? "nowhere" : mesh_->nodes[drawn % mesh_->nodes.size()].name;
    return;
  }
  const auto& log = found->logs[drawn % found->logs.size()];
  made.node = log.node;
  const auto since =
      std::llround(static_cast<double>(mesh_->at - made.logged_at) / limits::second * log.published_per_s);
  const auto end = static_cast<std::int64_t>(log.end) - std::int64_t{since};
  made.topic_offset = static_cast<std::uint64_t>(std::max<std::int64_t>(0, end));
}

event_row demo_events::made_up(const story& of, std::size_t index, const std::vector<event_row>& before) const {
  const auto& by = of.steps[index];
  const auto drawn = mix(of.number, 1000 + index);
  event_row made;
  made.logged_at = static_cast<time_us>(of.number) * every + static_cast<time_us>(drawn % 200'000);
  if (by.cause >= 0) {
    const auto& cause = before[static_cast<std::size_t>(by.cause)];
    made.logged_at = cause.logged_at;
    if (by.second >= 0)
      made.logged_at = std::max(made.logged_at, before[static_cast<std::size_t>(by.second)].logged_at);
    made.logged_at += 1000 + by.ms * static_cast<time_us>(600 + drawn % 900); // 0.6 to 1.5 times what is usual
    made.headers.emplace_back("weft-origin", fmt::format("{} {}", by.service, of.number * steps_max + index));
    made.headers.emplace_back("weft-caused-by", cause.position);
    if (by.second >= 0)
      made.headers.emplace_back("weft-caused-by", before[static_cast<std::size_t>(by.second)].position);
  } else if (of.steps.size() > 2 && has_lost_cause(of.number)) {
    made.headers.emplace_back("weft-origin", fmt::format("storefront {}", of.number));
    made.headers.emplace_back("weft-caused-by", fmt::format("gone/1-a0/{}", of.number));
  }
  place(made, by.topic, drawn >> 20U);
  if (of.steps.size() > 2)
    made.headers.emplace_back("traceparent", fmt::format("00-{:016x}{:016x}-{:016x}-01", mix(of.number, 3),
                                                         mix(of.number, 4), mix(of.number, 5 + index)));
  made.position = fmt::format("{}/{}/{}", made.node, epoch_text, of.number * steps_max + index);
  made.type = by.type;
  auto value = demo::value_of(by.topic, of.number, drawn);
  made.value = std::move(value.bytes);
  made.decoded = std::move(value.decoded);
  if (made.type == "OrderPlaced" || !made.decoded.empty())
    made.contract = fmt::format("{:016x}{:016x}{:016x}{:016x}", mix(7, made.type.size()), mix(8, made.type.size()),
                                mix(9, made.type.size()), mix(10, made.type.size()));
  if (auto id = demo_contract_of(made.topic, of.number); !id.empty()) made.contract = std::move(id);
  made.key = of.steps.size() > 2 ? demo::order_id(of.number) : fmt::format("{}", 1000 + drawn % 4000);
  made.time = made.logged_at - 300 - static_cast<time_us>(drawn % 1500);
  made.producer = fmt::format("{:016x}/{}", mix(made.node.size(), by.type.size()), of.number);
  return made;
}

std::vector<event_row> demo_events::happening(std::uint64_t number) const {
  const story of{number, steps_of(number)};
  std::vector<event_row> made;
  for (std::size_t i = 0; i < of.steps.size(); ++i)
    made.push_back(made_up(of, i, made));
  for (auto& row : made) { // each log has a clock of its own
    const auto node = std::ranges::find(mesh_->nodes, row.node, &node_view::name);
    if (node == mesh_->nodes.end() || !node->clock_offset_s) continue;
    row.logged_at += std::llround(*node->clock_offset_s * limits::second);
  }
  return made;
}

void demo_events::between(time_us from, time_us until, const std::function<bool(event_row)>& take) const {
  if (mesh_->topics.empty()) return;
  for (time_us begin = std::max<time_us>(from, longest); begin < until; begin += window) {
    const auto end = std::min(until, begin + window);
    std::vector<event_row> found;
    for (auto number = (begin - longest) / every; number <= end / every; ++number)
      for (auto& row : happening(static_cast<std::uint64_t>(number)))
        if (row.logged_at >= begin && row.logged_at < end) found.push_back(std::move(row));
    std::ranges::stable_sort(found, {}, &event_row::logged_at);
    for (auto& row : found)
      if (!take(std::move(row))) return;
  }
}

std::optional<event_row> demo_events::at(std::string_view position) const {
  const auto numbers = numbers_of(position);
  if (!numbers || mesh_->topics.empty()) return std::nullopt;
  for (auto& row : happening(numbers->first))
    if (row.position == position) return std::move(row);
  return std::nullopt;
}

std::optional<event_lineage> demo_events::lineage_of(std::string_view position) const {
  if (!at(position)) return std::nullopt;
  const auto number = numbers_of(position)->first;
  event_lineage made;
  for (const auto& row : happening(number)) {
    made.events.push_back(without_value(row));
    if (row.type == "InvoiceMade" && mix(number, 11) % 4 == 0)
      made.aside.push_back({row.position, "mailers", "the customer has no address", false});
    if (row.type == "ParcelPacked" && mix(number, 12) % 5 == 0)
      made.aside.push_back({row.position, "label-printers", "behind an event of its key that fails", true});
  }
  return made;
}

} // namespace weft::monitor
