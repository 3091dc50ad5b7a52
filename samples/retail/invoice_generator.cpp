#include "samples/retail/invoice_source.hpp"

#include "samples/retail/money.hpp"

#include <array>
#include <random>

namespace retail {
namespace {

constexpr std::int64_t first_day = 1'320'105'600; // 2011-11-01
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t opens_s = 8 * 3600, closes_s = 18 * 3600;
constexpr std::size_t articles = 3000;

class generated_invoices final : public invoice_source {
public:
  explicit generated_invoices(std::uint64_t seed) : random_(seed) {}

  weft::result<std::optional<InvoiceLine>> next() override {
    if (lines_left_ == 0) begin_invoice();
    --lines_left_;
    const auto article = popular(articles);
    auto quantity = static_cast<std::int64_t>(1 + popular(48));
    return InvoiceLine{(cancelled_ ? "C" : "") + std::to_string(invoice_),
                       std::to_string(20'000 + article),
                       description(article),
                       cancelled_ ? -quantity : quantity,
                       invoice_date_of(now_),
                       price(article),
                       customer_,
                       country_};
  }

private:
  // Only the generator's own numbers: what the standard library makes of them differs from one to the next.
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  /// Small numbers far more often than large ones.
  std::uint64_t popular(std::uint64_t bound) { return below(below(below(bound) + 1) + 1); }

  void begin_invoice() {
    ++invoice_;
    now_ += static_cast<std::int64_t>(below(500));
    if (now_ % day_s < opens_s) now_ += opens_s - now_ % day_s;
    if (now_ % day_s > closes_s) now_ += day_s - now_ % day_s + opens_s;
    lines_left_ = 1 + popular(150);
    cancelled_ = below(100) < 6;
    customer_ = below(4) == 0 ? "" : std::to_string(12'346 + below(6000)) + ".0";
    constexpr std::array countries{"United Kingdom", "Germany", "France", "EIRE", "Spain"};
    country_ = below(10) != 0 ? countries[0] : countries[below(countries.size())];
  }

  static std::string description(std::uint64_t article) {
    constexpr std::array sizes{"SMALL", "LARGE", "SET OF 6", "VINTAGE", "6\" RIBBON,"};
    constexpr std::array colours{"RED", "BLUE", "IVORY", "PINK POLKADOT", "\"RETROSPOT\""};
    constexpr std::array things{"TEACUP",  "LUNCH BAG",   "CANDLE HOLDER", "CAKE TIN",
                                "BUNTING", "ALARM CLOCK", "NAPKINS"};
    return std::string(sizes[article % sizes.size()]) + " " + colours[article / 5 % colours.size()] + " " +
           things[article / 25 % things.size()];
  }
  static std::string price(std::uint64_t article) {
    const auto pence = static_cast<std::int64_t>(article * 7919 % 1495);
    return to_string(money{pence * 100});
  }

  std::mt19937_64 random_;
  std::int64_t now_ = first_day;
  std::uint64_t invoice_ = 573'743;
  std::uint64_t lines_left_ = 0;
  bool cancelled_ = false;
  std::string customer_, country_;
};

} // namespace

std::unique_ptr<invoice_source> generate(std::uint64_t seed) { return std::make_unique<generated_invoices>(seed); }

} // namespace retail
