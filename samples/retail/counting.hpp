// samples/retail/counting.hpp: a service that handles every invoice line once.
#pragma once
#include "samples/retail/invoice_line.hpp"
#include "samples/retail/program.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace retail {

/// Takes each line of each log once: a line that comes again, as it may after a crash, is known by its position.
class once {
public:
  /// @returns whether this line was not seen before
  bool first_time(const weft::event_info& line) {
    auto& last = last_[line.log];
    if (last && line.at <= *last) return false;
    last = line.at;
    return true;
  }

private:
  std::map<weft::log_id, std::optional<weft::log_position>> last_;
};

/// Opens the service's node and calls `handle` for each line, `document` for its figures, one at a time.
/// Runs until SIGTERM. @returns the exit code
int run_service(const std::string& name, const words& given, const std::function<void(const InvoiceLine&)>& handle,
                const std::function<void(figure_line&)>& add_figures);

} // namespace retail
