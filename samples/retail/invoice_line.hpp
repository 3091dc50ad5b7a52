// samples/retail/invoice_line.hpp: the event of this sample: one line of an invoice.
#pragma once
#include <cstdint>
#include <string>
#include <weft/weft.hpp>

namespace retail {

/// Fields as in the UCI Online Retail data. An invoice whose number begins with C is a cancellation: its quantities are
/// negative. The price is a decimal text, so that no cent is lost on the way: see money.hpp.
struct InvoiceLine {
  std::string invoice, stock_code, description;
  std::int64_t quantity = 0;
  std::string invoice_date, unit_price, customer, country;
};
WEFT_EVENT(InvoiceLine, key(stock_code), invoice, stock_code, description, quantity, invoice_date, unit_price, customer,
           country)

inline constexpr weft::topic<InvoiceLine> invoice_lines{"retail.invoice-lines"};

} // namespace retail
