#include "samples/retail/counting.hpp"

namespace retail {
namespace {

/// How many events its logs are ahead of it.
std::int64_t lag_of(const weft::subscription& from) {
  std::uint64_t events = 0;
  for (const auto& log : from.progress())
    if (log.head > log.handled.seq) events += log.head - log.handled.seq;
  return static_cast<std::int64_t>(events);
}

} // namespace

int run_service(const std::string& name, const words& given, const std::function<void(const InvoiceLine&)>& handle,
                const std::function<void(figure_line&)>& add_figures) {
  auto node = open_node(name, given);
  if (!node) return weft::report(node.error());

  std::mutex mutex;
  once seen;
  std::int64_t lines = 0, repeated = 0;
  weft::subscription_options options;
  options.from = weft::start::beginning; // what it counts is in memory only: a new start counts everything anew
  auto subscription =
      node->subscribe(invoice_lines, options, [&](const InvoiceLine& line, const weft::event_info& about) {
        const std::lock_guard held{mutex};
        if (!seen.first_time(about)) {
          ++repeated;
          return;
        }
        ++lines;
        handle(line);
      });
  if (!subscription) return weft::report(subscription.error());
  {
    const figures printed{[&] {
      const auto lag = lag_of(*subscription);
      const std::lock_guard held{mutex};
      figure_line line;
      line.add("lines", lines).add("repeated", repeated).add("lag", lag);
      add_figures(line);
      return line.text();
    }};
    node->run();
    subscription->close();
  }
  const auto stopped = subscription->stopped();
  return stopped ? weft::report(*stopped) : 0;
}

} // namespace retail
