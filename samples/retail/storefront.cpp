// The storefront: publishes invoice lines as its shop takes them.
#include "samples/retail/invoice_source.hpp"
#include "samples/retail/money.hpp"
#include "samples/retail/program.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// What was acknowledged. Acknowledgements come on the node's threads.
class ledger {
public:
  void acknowledged(std::int64_t quantity, retail::money amount) {
    const std::lock_guard held{mutex_};
    ++lines_;
    quantity_ += quantity;
    amount_ += amount;
  }
  void failed() {
    const std::lock_guard held{mutex_};
    ++failed_;
  }
  void set_done() {
    const std::lock_guard held{mutex_};
    done_ = true;
  }
  [[nodiscard]] std::string document() const {
    const std::lock_guard held{mutex_};
    retail::figure_line line;
    line.add("lines", lines_).add("quantity", quantity_).add("amount_units", amount_.units());
    return line.add("failed", failed_).add("done", done_ ? 1 : 0).text();
  }

private:
  mutable std::mutex mutex_;
  std::int64_t lines_ = 0, quantity_ = 0, failed_ = 0;
  retail::money amount_;
  bool done_ = false;
};

/// Turns the dates of invoices into moments of this run.
class pace {
public:
  /// @param speed  how much faster than the dates; 0: no waiting   @param seconds  the run's length; 0: no end
  pace(double speed, double seconds)
      : speed_(speed), end_(seconds > 0 ? began_ + span(seconds) : clock::time_point::max()) {}

  /// Waits until a line is due. @returns false when the run is over
  bool wait_for(const std::string& invoice_date, const std::atomic<bool>& stop) {
    const auto at = retail::seconds_of(invoice_date).value_or(0);
    if (!first_) first_ = at;
    auto due = speed_ > 0 ? began_ + span(static_cast<double>(at - *first_) / speed_) : clock::now();
    while (due > clock::now() && clock::now() < end_ && !stop)
      std::this_thread::sleep_until(std::min({due, end_, clock::now() + 50ms}));
    return clock::now() < end_ && !stop;
  }

private:
  static clock::duration span(double seconds) {
    return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  }
  double speed_;
  clock::time_point began_ = clock::now();
  clock::time_point end_;
  std::optional<std::int64_t> first_;
};

weft::result<void> replay(weft::node& node, retail::invoice_source& from, pace when, ledger& to,
                          const std::atomic<bool>& stop) {
  auto lines = node.publisher(retail::invoice_lines);
  if (!lines) return weft::fail(lines.error());
  for (;;) {
    const auto line = from.next();
    if (!line) return weft::fail(line.error());
    if (!*line || !when.wait_for((*line)->invoice_date, stop)) break;
    const auto quantity = (*line)->quantity;
    const auto amount = quantity * retail::money::parse((*line)->unit_price).value_or(retail::money{});
    lines->publish(**line).then([&to, quantity, amount](const weft::result<weft::ack>& ack) {
      if (ack)
        to.acknowledged(quantity, amount);
      else
        to.failed();
    });
  }
  return lines->flush();
}

/// All invoices, or with `--share 1/2` those of one of two storefronts.
weft::result<std::unique_ptr<retail::invoice_source>> open_source(const retail::words& given) {
  std::unique_ptr<retail::invoice_source> source;
  if (const auto csv = given.text("csv")) {
    auto opened = retail::open_csv(*csv);
    if (!opened) return opened;
    source = std::move(*opened);
  } else {
    source = retail::generate(static_cast<std::uint64_t>(given.number("seed", 1)));
  }
  const auto text = given.text("share");
  if (!text) return source;
  std::size_t share = 0, count = 0;
  if (std::sscanf(text->c_str(), "%zu/%zu", &share, &count) != 2 || share < 1 || share > count)
    return weft::fail(weft::errc::invalid_argument, "--share: '" + *text + "' is no share such as 1/2");
  return share_of(std::move(source), share, count);
}

} // namespace

int main(int argc, char** argv) {
  const retail::words given{argc, argv, {"name", "data", "listen", "join", "csv", "speed", "seconds", "seed", "share"}};
  auto source = open_source(given);
  if (!source) return weft::report(source.error());
  auto node = retail::open_node(given.text("name").value_or("storefront"), given);
  if (!node) return weft::report(node.error());

  ledger all;
  std::atomic<bool> stop = false;
  int code = 0;
  const retail::figures printed{[&all] { return all.document(); }};
  std::thread shop{[&] {
    const pace when{given.number("speed", 0), given.number("seconds", 0)};
    const auto replayed = replay(*node, **source, when, all, stop);
    if (!replayed) code = weft::report(replayed.error());
    all.set_done();
  }};
  node->run(); // until SIGTERM: its log is served to the others meanwhile
  stop = true;
  shop.join();
  return code;
}
