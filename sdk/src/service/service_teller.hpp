// sdk/src/service/service_teller.hpp: tells the node how the services of this program are.
#pragma once
#include "mesh/base/limits.hpp"
#include "weft/service.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace weft::detail {

/// The arguments of the question `services.tell`: all services of the program, in the words of telemetry.
[[nodiscard]] std::string services_document(const std::map<std::string, service_health>& services);

/// Each limits::services_told_every it asks all services how they are, and tells it when that is news; else each
/// limits::services_told_again_every, as the node may have begun anew. Its thread starts with the first service.
/// @thread any; not while holding what a service's health() takes
class service_teller {
public:
  using health_of = std::function<service_health()>;
  /// @param tell  sends the document to the node, if it can be reached
  explicit service_teller(std::function<void(std::string document)> tell,
                          std::chrono::microseconds every = limits::services_told_every)
      : tell_(std::move(tell)), every_(every) {}
  ~service_teller() { close(); }
  service_teller(const service_teller&) = delete;
  service_teller& operator=(const service_teller&) = delete;

  /// @param key  tells services of one name apart; one that is known is replaced
  void add(const void* key, std::string name, health_of how);
  /// When this returns it is asked no more.
  void remove(const void* key);
  /// Nothing is told after this.
  void close();

private:
  struct known {
    std::string name;
    health_of how;
  };
  void run();
  [[nodiscard]] std::string document() const;

  const std::function<void(std::string)> tell_;
  const std::chrono::microseconds every_;
  std::mutex mutex_; // held while services are asked
  std::condition_variable changed_;
  std::map<const void*, known> services_;
  bool closed_ = false;
  std::thread thread_;
};

} // namespace weft::detail
