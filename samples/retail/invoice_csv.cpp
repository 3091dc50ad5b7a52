#include "samples/retail/invoice_source.hpp"

#include "samples/retail/money.hpp"

#include <charconv>
#include <fstream>
#include <vector>

namespace retail {
namespace {

const std::vector<std::string> columns{"InvoiceNo",   "StockCode", "Description", "Quantity",
                                       "InvoiceDate", "UnitPrice", "CustomerID",  "Country"};

class csv_invoices final : public invoice_source {
public:
  csv_invoices(std::string path, std::ifstream file) : path_(std::move(path)), file_(std::move(file)) {}

  weft::result<void> read_header() {
    if (read_record() && fields_ == columns) return {};
    return bad("the first line does not name the columns of an online-retail file");
  }

  weft::result<std::optional<InvoiceLine>> next() override {
    if (!read_record()) return std::nullopt;
    if (fields_.size() != columns.size()) return bad("it has " + std::to_string(fields_.size()) + " fields, not 8");
    InvoiceLine line{fields_[0], fields_[1], fields_[2], 0, fields_[4], fields_[5], fields_[6], fields_[7]};
    const auto& quantity = fields_[3];
    const auto [end, problem] = std::from_chars(quantity.data(), quantity.data() + quantity.size(), line.quantity);
    if (problem != std::errc{} || end != quantity.data() + quantity.size())
      return bad("the quantity '" + quantity + "' is no whole number");
    if (!money::parse(line.unit_price)) return bad("the price '" + line.unit_price + "' is no amount");
    if (!seconds_of(line.invoice_date)) return bad("the date '" + line.invoice_date + "' is none");
    return line;
  }

private:
  tl::unexpected<weft::error> bad(const std::string& why) const {
    return weft::fail(weft::errc::invalid_argument, path_ + " line " + std::to_string(line_) + ": " + why);
  }

  /// One record into fields_: quoted fields may hold commas, doubled quotes and line ends. @returns false at the end
  bool read_record() {
    while (file_.peek() == '\n' || file_.peek() == '\r')
      take();
    fields_.clear();
    if (file_.peek() == std::ifstream::traits_type::eof()) return false;
    line_ = lines_begun_;
    fields_.emplace_back();
    bool quoted = false;
    for (int c = take(); c != std::ifstream::traits_type::eof(); c = take()) {
      if (c == '"' && quoted && file_.peek() == '"')
        fields_.back() += static_cast<char>(take());
      else if (c == '"' && (quoted || fields_.back().empty()))
        quoted = !quoted;
      else if (c == ',' && !quoted)
        fields_.emplace_back();
      else if (c == '\n' && !quoted)
        break;
      else if (c != '\r' || quoted || file_.peek() != '\n')
        fields_.back() += static_cast<char>(c);
    }
    return true;
  }
  int take() {
    const int c = file_.get();
    if (c == '\n') ++lines_begun_;
    return c;
  }

  std::string path_;
  std::ifstream file_;
  std::size_t lines_begun_ = 1;
  std::size_t line_ = 1;
  std::vector<std::string> fields_;
};

} // namespace

weft::result<std::unique_ptr<invoice_source>> open_csv(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return weft::fail(weft::errc::not_found, "cannot open " + path);
  auto source = std::make_unique<csv_invoices>(path, std::move(file));
  if (const auto header = source->read_header(); !header) return weft::fail(header.error());
  return source;
}

} // namespace retail
