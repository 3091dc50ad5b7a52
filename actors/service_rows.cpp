#include "actors/service_rows.hpp"

#include "mesh/base/names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace weft::actors {
namespace {

using nlohmann::json;

/// As service_state.
constexpr std::array<std::string_view, 5> states{"running", "waiting", "starting", "stopping", "failed"};

template <class Number>
Number number_of(const json& row, const char* field) {
  const auto value = row.value(field, json(0));
  if (!value.is_number_unsigned()) return 0;
  return static_cast<Number>(std::min(value.get<std::uint64_t>(), std::uint64_t{std::numeric_limits<Number>::max()}));
}

result<node::told_service> service_of(const json& row) {
  if (!row.is_object() || !row.value("name", json()).is_string() || !row.value("state", json()).is_string())
    return fail(errc::invalid_argument, "a service has a name and a state, both texts");
  node::told_service one;
  one.name = row["name"].get<std::string>();
  if (auto well = check_node_name(one.name); !well) return fail(well.error().within("a service's name"));
  const auto state = row["state"].get<std::string>();
  const auto known = std::ranges::find(states, state);
  if (known == states.end())
    return fail(errc::invalid_argument, fmt::format("the service {} has a state that is unknown here", one.name));
  one.state = static_cast<node::service_state>(known - states.begin());
  if (const auto why = row.value("why", json()); why.is_string()) one.why = why.get<std::string>();
  one.why.resize(std::min(one.why.size(), limits::service_why_bytes_max));
  one.in_flight = number_of<std::uint32_t>(row, "in_flight");
  one.restarts = number_of<std::uint32_t>(row, "restarts");
  one.handled = number_of<std::uint64_t>(row, "handled");
  one.failed = number_of<std::uint64_t>(row, "failed");
  return one;
}

} // namespace

result<std::string> note_services(node_services& services, const void* by, const std::string& arguments) {
  const auto told = json::parse(arguments, nullptr, false);
  const auto rows = told.is_object() ? told.value("services", json()) : json();
  if (!rows.is_array()) return fail(errc::invalid_argument, "the argument \"services\" is no list");
  if (rows.size() > limits::services_of_program_max)
    return fail(errc::too_large, fmt::format("{} services of one program, {} are noted at most", rows.size(),
                                             limits::services_of_program_max));
  std::vector<node::told_service> all;
  for (const auto& row : rows) {
    auto one = service_of(row);
    if (!one) return fail(std::move(one).error());
    all.push_back(*std::move(one));
  }
  services.services_here.tell(by, std::move(all));
  return "{}";
}

std::string services_document(const node_services& services) {
  auto rows = json::array();
  for (const auto& one : services.services_here.all())
    rows.push_back({{"name", one.name},
                    {"state", states[static_cast<std::size_t>(one.state)]},
                    {"why", one.why},
                    {"in_flight", one.in_flight},
                    {"handled", one.handled},
                    {"failed", one.failed},
                    {"restarts", one.restarts}});
  return json{{"services", std::move(rows)}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace weft::actors
