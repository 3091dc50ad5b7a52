// tests/system/errand_service.cpp: a service at a local node that has each event of `shop.in` written down in a
// database outside, and publishes to `shop.out` what came of it. The database keeps each call, and of one id one
// effect; some calls fail before it, some after it, some are rejected. Usage: errand_service DATA_DIR STATE_DIR
// DATABASE. Prints `ready`, then a line every 50 calls. SIGTERM stops it.
#include "tests/system/progress_lines.hpp"

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <weft/weft.hpp>

namespace {

struct Input {
  std::string k;
  std::int64_t n = 0;
};
WEFT_EVENT(Input, key(k), k, n)
struct Output {
  std::string k;
  std::int64_t n = 0;
  std::string outcome;
};
WEFT_EVENT(Output, key(k), k, n, outcome)

weft::testing::progress_lines lines;
constexpr weft::topic<Input> inputs{"shop.in"};
constexpr weft::topic<Output> outputs{"shop.out"};
constexpr weft::errand<Input, std::string> write_down{"write-down"};
constexpr weft::continuation<Input> written_down{"written-down"};

/// A system outside, which knows what it has done by the id of the call.
class ledger {
public:
  explicit ledger(const char* path) {
    if (sqlite3_open(path, &db_) != SQLITE_OK) std::_Exit(2);
    run("PRAGMA journal_mode = WAL");
    run("CREATE TABLE IF NOT EXISTS calls (id TEXT, number INTEGER, k TEXT, n INTEGER)");
    run("CREATE TABLE IF NOT EXISTS effects (id TEXT PRIMARY KEY, k TEXT, n INTEGER)");
  }
  ~ledger() { sqlite3_close(db_); }
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  std::string write(const Input& what, const weft::errand_call& call) {
    {
      const std::lock_guard held{mutex_};
      if (!at_work_.insert(what.k).second) std::_Exit(3); // two of one key at a time
      note_call(what, call);
    }
    const bool is_first = call.number == 1;
    const bool is_bad = what.n % 50 == 49, is_busy = is_first && what.n % 7 == 0;
    {
      const std::lock_guard held{mutex_};
      if (!is_bad && !is_busy) insert("INSERT OR IGNORE INTO effects VALUES (?1, ?3, ?4)", what, call);
      at_work_.erase(what.k);
    }
    if (is_bad) throw weft::rejected("no such account");
    if (is_busy) throw std::runtime_error("the line is busy");
    if (is_first && what.n % 11 == 0) throw std::runtime_error("the answer was lost");
    return "number " + std::to_string(what.n);
  }

private:
  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::_Exit(4);
  }
  void note_call(const Input& what, const weft::errand_call& call) {
    insert("INSERT INTO calls VALUES (?1, ?2, ?3, ?4)", what, call);
    if (++calls_ % 50 == 0) lines.tell(calls_);
  }
  void insert(const char* sql, const Input& what, const weft::errand_call& call) {
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db_, sql, -1, &insert, nullptr);
    sqlite3_bind_text(insert, 1, call.id.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 2, call.number);
    sqlite3_bind_text(insert, 3, what.k.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 4, what.n);
    if (sqlite3_step(insert) != SQLITE_DONE) std::_Exit(4);
    sqlite3_finalize(insert);
  }

  sqlite3* db_ = nullptr;
  std::mutex mutex_;
  std::set<std::string> at_work_;
  int calls_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before the service's threads, which inherit it

  ledger outside(argv[3]);
  auto home = weft::client::connect({.data_dir = argv[1], .program = "writing"});
  if (!home) return weft::report(home.error());
  weft::service_options options;
  options.state_dir = argv[2];
  options.backoff_first = options.backoff_most = std::chrono::milliseconds(1);
  options.on_hindered = [](const weft::error&) {}; // calls fail on purpose
  options.on_stopped = [](const weft::error& why) { std::_Exit(weft::report(why)); };
  weft::service running{*home, "writing", options};
  running.on(inputs, [](const Input& input, weft::context& with) {
    with.state().table<std::int64_t, std::int64_t>("asked").put(input.n, 1);
    with.outside(write_down, input).then(written_down, input);
  });
  running.outside(write_down, {.threads = 4},
                  [&](const Input& input, const weft::errand_call& call) { return outside.write(input, call); });
  running.then(write_down, written_down, [](const Input& input, const weft::result<std::string>& end, auto& with) {
    with.publish(outputs, {input.k, input.n, end ? *end : std::string(to_string(end.error().code()))});
  });
  if (const auto started = running.start(); !started) return weft::report(started.error());
  lines.ready();
  int number = 0;
  sigwait(&stop, &number);
  running.stop();
  return 0;
}
