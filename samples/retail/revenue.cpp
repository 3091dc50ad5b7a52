// The revenue: what all lines are worth together, to the last fraction of a penny.
#include "samples/retail/counting.hpp"
#include "samples/retail/money.hpp"

int main(int argc, char** argv) {
  const retail::words given{argc, argv, {"data", "listen", "join"}};
  retail::money revenue;
  return retail::run_service(
      "revenue", given,
      [&](const retail::InvoiceLine& line) {
        const auto price = retail::money::parse(line.unit_price);
        if (!price) throw std::runtime_error("the price '" + line.unit_price + "' is no amount");
        revenue += line.quantity * *price;
      },
      [&](retail::figure_line& line) { line.add("amount_units", revenue.units()); });
}
