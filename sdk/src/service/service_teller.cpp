#include "sdk/src/service/service_teller.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace weft::detail {
namespace {

/// A service that stands by is well, and says no why.
std::string_view word_of(const service_health& how) {
  using enum service_health::condition;
  switch (how.now) {
  case running: return "running";
  case hindered:
  case standby: return "waiting";
  case restarting: return "starting";
  case stopped: break;
  }
  return how.why ? "failed" : "stopping";
}

/// As service_core adds up its shards.
void add(const service_health& one, service_health& to) {
  if (to.now == service_health::condition::running) {
    to.now = one.now;
    to.why = one.why;
  }
  to.in_flight += one.in_flight;
  to.handled += one.handled;
  to.failed += one.failed;
  to.restarts += one.restarts;
}

} // namespace

std::string services_document(const std::map<std::string, service_health>& services) {
  using nlohmann::json;
  auto rows = json::array();
  for (const auto& [name, how] : services) {
    if (rows.size() == limits::services_of_program_max) break;
    auto why = how.why ? how.why->message() : std::string();
    why.resize(std::min(why.size(), limits::service_why_bytes_max));
    rows.push_back({{"name", name},
                    {"state", word_of(how)},
                    {"why", std::move(why)},
                    {"in_flight", how.in_flight},
                    {"handled", how.handled},
                    {"failed", how.failed},
                    {"restarts", how.restarts}});
  }
  return json{{"services", std::move(rows)}}.dump(-1, ' ', false, json::error_handler_t::ignore);
}

void service_teller::add(const void* key, std::string name, health_of how) {
  const std::lock_guard held{mutex_};
  if (closed_) return;
  services_.insert_or_assign(key, known{std::move(name), std::move(how)});
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void service_teller::remove(const void* key) {
  const std::lock_guard held{mutex_};
  services_.erase(key);
}

void service_teller::close() {
  {
    const std::lock_guard held{mutex_};
    closed_ = true;
    services_.clear();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::string service_teller::document() const {
  std::map<std::string, service_health> all;
  for (const auto& [key, service] : services_) {
    const auto [at, is_first] = all.try_emplace(service.name, service.how());
    if (!is_first) detail::add(service.how(), at->second);
  }
  return services_document(all);
}

void service_teller::run() {
  using clock = std::chrono::steady_clock;
  const auto none = services_document({});
  auto told = none;
  clock::time_point told_at;
  std::unique_lock held{mutex_};
  while (!changed_.wait_for(held, every_, [this] { return closed_; })) {
    auto now = document();
    const bool again = now != none && clock::now() - told_at >= limits::services_told_again_every;
    if (now == told && !again) continue;
    told = std::move(now);
    told_at = clock::now();
    tell_(told);
  }
}

} // namespace weft::detail
