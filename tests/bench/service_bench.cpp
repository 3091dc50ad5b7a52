// tests/bench/service_bench.cpp: a service that counts and adds up per key and publishes one event for each input, on
// an embedded node, its steps synced. Beside it what SQLite alone takes: for each input one row read and written, 4,096
// in a synced transaction. All share this machine's cores.
#include "tests/bench/figures.hpp"
#include "tests/bench/mesh_traffic.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <sqlite3.h>
#include <stdexcept>
#include <unistd.h>
#include <weft/weft.hpp>

namespace weft::bench {
namespace {

constexpr std::int64_t inputs_made = 500'000;
constexpr int keys = 5000;
constexpr int step = 4096;

struct Input {
  std::string k, text;
  std::int64_t n = 0;
};
WEFT_EVENT(Input, key(k), k, text, n)
struct Total {
  std::string k;
  std::int64_t count = 0, sum = 0;
};
WEFT_EVENT(Total, key(k), k, count, sum)
constexpr topic<Input> inputs{"bench.in"};
constexpr topic<Total> totals{"bench.out"};

std::string key_of(std::int64_t n) { return fmt::format("key-{}", n % keys); }

double rate(std::int64_t count, std::chrono::steady_clock::time_point since) {
  return static_cast<double>(count) / std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

/// @returns inputs a second
double service_rate(const std::string& directory, int threads) {
  auto at = must(node::open({.name = "a", .data_dir = directory + "/a"}));
  {
    auto publisher = must(at.publisher(inputs));
    const std::string text(40, 'x');
    for (std::int64_t n = 0; n < inputs_made; ++n)
      static_cast<void>(publisher.publish(Input{key_of(n), text, n}));
    if (const auto done = publisher.flush(std::chrono::minutes(5)); !done)
      throw std::runtime_error(done.error().message());
  }
  std::atomic<std::int64_t> heard = 0;
  const auto reading = must(at.subscribe(totals, {.from = start::beginning}, [&](const Total&) {
    if (++heard == inputs_made) heard.notify_all();
  }));
  service counting(at, "counting", {.threads = threads, .on_stopped = [](const error& why) {
                                      throw std::runtime_error(why.message());
                                    }});
  counting.on(inputs, [](const Input& input, context& with) {
    auto kept = with.state().table<std::string, Total>("totals");
    auto now = kept.get(input.k).value_or(Total{input.k});
    ++now.count;
    now.sum += input.n;
    kept.put(input.k, now);
    with.publish(totals, now);
  });
  const auto began = std::chrono::steady_clock::now();
  if (const auto started = counting.start(); !started) throw std::runtime_error(started.error().message());
  for (auto now = heard.load(); now < inputs_made; now = heard.load())
    heard.wait(now);
  return rate(inputs_made, began);
}

void run(sqlite3* in, const char* sql) {
  if (sqlite3_exec(in, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(in));
}

/// @returns rows a second
double sqlite_rate(const std::string& directory) {
  sqlite3* database = nullptr;
  if (sqlite3_open((directory + "/limit.db").c_str(), &database) != SQLITE_OK) throw std::runtime_error("no database");
  run(database, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "CREATE TABLE totals (k TEXT PRIMARY KEY, count INTEGER, sum INTEGER) WITHOUT ROWID");
  sqlite3_stmt* add = nullptr;
  sqlite3_prepare_v2(
      database, "INSERT INTO totals VALUES (?1, 1, ?2) ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + ?2", -1,
      &add, nullptr);
  const auto began = std::chrono::steady_clock::now();
  for (std::int64_t n = 0; n < inputs_made; ++n) {
    if (n % step == 0) run(database, "BEGIN");
    const auto key = key_of(n);
    sqlite3_bind_text(add, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    sqlite3_bind_int64(add, 2, n);
    if (sqlite3_step(add) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
    sqlite3_reset(add);
    if (n % step == step - 1 || n + 1 == inputs_made) run(database, "COMMIT");
  }
  const auto found = rate(inputs_made, began);
  sqlite3_finalize(add);
  sqlite3_close(database);
  return found;
}

int measure(int argc, char** argv) {
  const auto directory = std::filesystem::temp_directory_path() / fmt::format("weft-service-{}", ::getpid());
  std::filesystem::create_directories(directory);
  figures found;
  const auto limit = sqlite_rate(directory);
  for (const int threads : {1, 2})
    found.add(fmt::format("a service over {} keys, one output an input, steps of at most {} events synced{}", keys,
                          step, threads == 1 ? "" : ", handlers on 2 threads"),
              service_rate(fmt::format("{}/{}", directory.string(), threads), threads), "events/s", limit,
              "SQLite alone, a row an input, transactions of 4,096 synced");
  found.print(argc, argv);
  std::filesystem::remove_all(directory);
  return 0;
}

} // namespace
} // namespace weft::bench

int main(int argc, char** argv) { return weft::bench::measure(argc, argv); }
