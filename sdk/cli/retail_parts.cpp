#include "sdk/cli/retail_parts.hpp"

#include "sdk/cli/table.hpp"
#include "weft/json.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::cli {
namespace {

constexpr std::int64_t units_per_pound = 10'000;

std::string number(std::int64_t n) { return grouped(static_cast<double>(n)); }

bool agrees(const retail_part& part, const retail_sum& sum) {
  switch (part.role) {
  case retail_role::inventory: return part.lines == sum.lines && part.repeated == 0 && part.quantity == sum.quantity;
  case retail_role::revenue:
    return part.lines == sum.lines && part.repeated == 0 && part.amount_units == sum.amount_units;
  case retail_role::seed:
  case retail_role::storefront: break;
  }
  return true;
}

} // namespace

void retail_part::take(const std::string& line) {
  const auto document = json_document::parse(as_bytes(line));
  if (!document) return;
  const auto read = [&](std::string_view key, std::int64_t& into) {
    if (const auto value = document->root().find(key))
      if (const auto whole = value->integer(INT64_MIN, INT64_MAX)) into = *whole;
  };
  std::int64_t finished = done ? 1 : 0;
  read("lines", lines);
  read("quantity", quantity);
  read("amount_units", amount_units);
  read("lag", lag);
  read("failed", failed);
  read("repeated", repeated);
  read("done", finished);
  done = finished != 0;
}

void retail_part::listen() {
  while (const auto next = process.line(std::chrono::milliseconds(0)))
    take(*next);
}

std::string pounds(std::int64_t units) {
  const auto amount = units < 0 ? -units : units;
  auto decimals = fmt::format("{:04}", amount % units_per_pound);
  if (decimals.ends_with("00")) decimals.resize(2);
  return fmt::format("{}{}.{}", units < 0 ? "-" : "", amount / units_per_pound, decimals);
}

retail_sum sum_of(std::span<const retail_part> parts) {
  retail_sum sum;
  for (const auto& part : parts) {
    if (part.role != retail_role::storefront) continue;
    sum.lines += part.lines;
    sum.quantity += part.quantity;
    sum.amount_units += part.amount_units;
    sum.failed += part.failed;
    sum.done = sum.done && part.done;
  }
  return sum;
}

bool all_counted(std::span<const retail_part> parts) {
  const auto sum = sum_of(parts);
  return sum.done && std::all_of(parts.begin(), parts.end(), [&sum](const auto& part) {
           return part.role == retail_role::seed || part.role == retail_role::storefront || part.lines >= sum.lines;
         });
}

retail_balance balance_of(std::span<const retail_part> parts) {
  table out{{{"NODE"}, {"INVOICE LINES", true}, {"TWICE", true}, {"QUANTITY", true}, {"AMOUNT GBP", true}}};
  for (const auto& part : parts)
    if (part.role != retail_role::seed)
      out.add({part.name, number(part.lines), part.role == retail_role::storefront ? "-" : number(part.repeated),
               part.role == retail_role::revenue ? "-" : number(part.quantity),
               part.role == retail_role::inventory ? "-" : pounds(part.amount_units)});
  const auto sum = sum_of(parts);
  const bool right = sum.failed == 0 &&
                     std::all_of(parts.begin(), parts.end(), [&sum](const auto& part) { return agrees(part, sum); });
  auto text = "\n" + out.text();
  if (sum.failed > 0) text += fmt::format("{} lines were not published\n", sum.failed);
  text +=
      right ? fmt::format("balance: true, {} invoice lines were published and each was counted once by each service\n",
                          number(sum.lines))
            : "balance: FALSE\n";
  return {std::move(text), right};
}

} // namespace weft::cli
