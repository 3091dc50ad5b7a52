// The inventory: how many of each article have left the store.
#include "samples/retail/counting.hpp"

#include <unordered_map>

int main(int argc, char** argv) {
  const retail::words given{argc, argv, {"data", "listen", "join"}};
  std::unordered_map<std::string, std::int64_t> sold; // by stock code
  return retail::run_service(
      "inventory", given, [&](const retail::InvoiceLine& line) { sold[line.stock_code] += line.quantity; },
      [&](retail::figure_line& line) {
        std::int64_t all = 0;
        for (const auto& [code, quantity] : sold)
          all += quantity;
        line.add("quantity", all).add("articles", static_cast<std::int64_t>(sold.size()));
      });
}
