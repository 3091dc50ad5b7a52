// actors/log_reader.hpp: reads of the log that may wait for the disk, on threads of their own.
#pragma once
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "actors/supervisor.hpp"
#include "mesh/log/log.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace weft::actors {

/// Handle of the readers: requests are spread over them.
/// @thread any
class log_reader_ref {
public:
  log_reader_ref() = default;
  /// Starts `count` readers of `log`, which outlives them.
  static log_reader_ref start(port::system& system, const supervisor_ref& supervisor, log::node_log& log, int count);

  void read(log::read_request request, reply<log::read_result> to) const;
  void find_time(hlc at, reply<log_position> to) const;
  /// Anything else that reads a lot.
  void run(std::function<void(log::node_log&)> work) const;

  struct message;

private:
  struct pool {
    std::vector<port::ref<message>> readers;
    std::atomic<std::size_t> next{0};
  };
  [[nodiscard]] const port::ref<message>& any() const;

  std::shared_ptr<pool> pool_;
};

} // namespace weft::actors
