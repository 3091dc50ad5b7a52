// samples/retail/invoice_source.hpp: where the storefront's invoice lines come from.
#pragma once
#include "samples/retail/invoice_line.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace retail {

/// Invoice lines, one after another, in the order of their dates.
class invoice_source {
public:
  virtual ~invoice_source() = default;
  /// The next line; nothing at the end. @error a line that is none: where and why
  [[nodiscard]] virtual weft::result<std::optional<InvoiceLine>> next() = 0;
};

/// Reads a CSV file with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID
/// and Country, such as the UCI Online Retail data.
[[nodiscard]] weft::result<std::unique_ptr<invoice_source>> open_csv(const std::string& path);

/// Makes up lines of the same shape without end, the same ones for the same seed.
[[nodiscard]] std::unique_ptr<invoice_source> generate(std::uint64_t seed);

/// One of several shares of the invoices, each with all of its lines: the first, the (count + 1)th and so on of
/// share 1.
/// @pre 1 <= share <= count
[[nodiscard]] std::unique_ptr<invoice_source> share_of(std::unique_ptr<invoice_source> all, std::size_t share,
                                                       std::size_t count);

/// Seconds since 1970 of a date such as "2011-11-01 08:16:00"; nothing for other text.
[[nodiscard]] std::optional<std::int64_t> seconds_of(const std::string& invoice_date);
/// The other way round.
[[nodiscard]] std::string invoice_date_of(std::int64_t seconds);

} // namespace retail
