#include "samples/retail/invoice_source.hpp"

namespace retail {
namespace {

class shared_invoices final : public invoice_source {
public:
  shared_invoices(std::unique_ptr<invoice_source> all, std::size_t share, std::size_t count)
      : all_(std::move(all)), share_(share - 1), count_(count) {}

  weft::result<std::optional<InvoiceLine>> next() override {
    for (;;) {
      auto line = all_->next();
      if (!line || !*line) return line;
      if ((*line)->invoice != invoice_) {
        invoice_ = (*line)->invoice;
        ++begun_;
      }
      if ((begun_ - 1) % count_ == share_) return line;
    }
  }

private:
  std::unique_ptr<invoice_source> all_;
  std::size_t share_, count_;
  std::string invoice_;   // whose lines come
  std::size_t begun_ = 0; // invoices
};

} // namespace

std::unique_ptr<invoice_source> share_of(std::unique_ptr<invoice_source> all, std::size_t share, std::size_t count) {
  return std::make_unique<shared_invoices>(std::move(all), share, count);
}

} // namespace retail
