// tests/system/traffic.cpp: a publisher or a consumer that tells what was acknowledged and what came, as history.py
// reads it.
//
//     traffic publish DATA TOPIC SOURCE LEVEL RATE COUNT BYTES     RATE events a second; COUNT of 0: until SIGTERM
//     traffic consume DATA PATTERN                                 from the beginning until SIGTERM
//
// Event N of a source has the value "SOURCE.N.", filled up to BYTES, and one of 16 keys. Each line tells of COUNT
// events that follow each other in everything:
//
//     acked FIRST COUNT NODE EPOCH SEQ OFFSET LEVEL
//     failed FIRST COUNT WHY
//     end SENT                                          all were answered
//     saw SOURCE FIRST COUNT NODE EPOCH SEQ OFFSET TOPIC
//     odd NODE EPOCH SEQ VALUE                          a value or key that no publisher makes
//     gap NODE EPOCH FROM UNTIL
//     paused MS NODE                                    the longest time without an event of this node, at the end; *:
//     of any
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <weft/weft.hpp>

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto tell_every = 20ms;
constexpr auto answers_within = 60s; // a client gives up after 30 s without its node

std::atomic<bool> stopped = false;

std::string key_of(std::uint64_t number) { return "k" + std::to_string(number % 16); }

std::string value_of(const std::string& source, std::uint64_t number, std::size_t bytes) {
  auto value = source + "." + std::to_string(number) + ".";
  if (value.size() < bytes) value.resize(bytes, static_cast<char>('a' + number % 26));
  return value;
}

/// Which event of which source.
struct identity {
  std::string_view source;
  std::uint64_t number = 0;
};

/// Nothing for what value_of and key_of do not make.
std::optional<identity> identity_of(const weft::event& event) {
  const auto text = event.text();
  const auto dot = text.find('.');
  const auto end = text.find('.', dot + 1);
  if (end == std::string_view::npos) return std::nullopt;
  identity found{text.substr(0, dot)};
  const auto [rest, problem] = std::from_chars(text.data() + dot + 1, text.data() + end, found.number);
  if (problem != std::errc{} || rest != text.data() + end) return std::nullopt;
  if (text.find_first_not_of(static_cast<char>('a' + found.number % 26), end + 1) != std::string_view::npos)
    return std::nullopt;
  if (event.key_text() != key_of(found.number)) return std::nullopt;
  return found;
}

/// Events that follow each other, as one line.
struct stretch {
  std::string before, after; ///< what all have in common
  std::string node;
  weft::epoch epoch;
  std::uint64_t first = 0, count = 0, seq = 0, offset = 0;

  [[nodiscard]] bool is_followed_by(const stretch& next) const {
    return before == next.before && after == next.after && node == next.node && epoch == next.epoch &&
           first + count == next.first && seq + count == next.seq && offset + count == next.offset;
  }
  [[nodiscard]] std::string line() const {
    return fmt::format("{}{} {} {} {} {} {} {}\n", before, first, count, node, to_string(epoch), seq, offset, after);
  }
};

/// Lines in the order of the events, printed now and then.
/// @thread any
class teller {
public:
  void add(stretch next) {
    const std::lock_guard held{mutex_};
    if (last_ && last_->is_followed_by(next)) {
      last_->count += next.count;
      return;
    }
    close();
    last_ = std::move(next);
  }
  void add_line(const std::string& line) {
    const std::lock_guard held{mutex_};
    close();
    lines_ += line;
  }
  void print() {
    std::string out;
    {
      const std::lock_guard held{mutex_};
      close();
      out.swap(lines_);
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
  }

private:
  void close() {
    if (last_) lines_ += last_->line();
    last_.reset();
  }
  std::mutex mutex_;
  std::string lines_;
  std::optional<stretch> last_;
};

struct publish_words {
  std::string data, topic, source;
  weft::ack_level level;
  double rate = 0;
  std::uint64_t count = 0;
  std::size_t bytes = 0;
};

/// @thread any
class counter {
public:
  void add() {
    const std::lock_guard held{mutex_};
    ++count_;
    more_.notify_all();
  }
  /// @returns whether that many were added in time
  bool wait_for(std::uint64_t count, clock::duration patience) {
    std::unique_lock held{mutex_};
    return more_.wait_for(held, patience, [&] { return count_ >= count; });
  }

private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::uint64_t count_ = 0;
};

/// A publisher of numbered events.
class publishing {
public:
  publishing(publish_words words, weft::raw_publisher to) : words_(std::move(words)), to_(std::move(to)) {}

  void run() {
    const auto began = clock::now();
    auto told = began;
    while (!stopped && !complete()) {
      const auto due =
          static_cast<std::uint64_t>(words_.rate * std::chrono::duration<double>(clock::now() - began).count());
      // What the node did not take in time is not made up for at once: the rate is a bound too.
      if (due > turn_ + static_cast<std::uint64_t>(words_.rate)) turn_ = due - static_cast<std::uint64_t>(words_.rate);
      while (turn_ < due && !complete() && send())
        ++turn_;
      if (clock::now() - told >= tell_every) {
        teller_->print();
        told = clock::now();
      }
      std::this_thread::sleep_for(1ms);
    }
    if (answers_->wait_for(sent_, answers_within)) teller_->add_line(fmt::format("end {}\n", sent_));
    teller_->print();
  }

private:
  [[nodiscard]] bool complete() const { return words_.count > 0 && sent_ == words_.count; }

  bool send() {
    const auto number = sent_;
    const auto value = value_of(words_.source, number, words_.bytes);
    const auto key = key_of(number);
    auto taken = to_.try_publish({.key = weft::as_bytes(key), .value = weft::as_bytes(value)});
    if (!taken) return false;
    ++sent_;
    taken->then([number, teller = teller_, answers = answers_](const weft::result<weft::ack>& outcome) {
      if (outcome)
        teller->add({"acked ", to_string(outcome->level), outcome->position.node, outcome->position.at.epoch, number, 1,
                     outcome->position.at.seq.value(), outcome->offset.value()});
      else
        teller->add_line(fmt::format("failed {} 1 {}\n", number, outcome.error().message()));
      answers->add();
    });
    return true;
  }

  publish_words words_;
  weft::raw_publisher to_;
  std::shared_ptr<teller> teller_ =
      std::make_shared<teller>(); // shared with answers, which come on the client's threads
  std::shared_ptr<counter> answers_ = std::make_shared<counter>();
  std::uint64_t sent_ = 0, turn_ = 0;
};

/// A consumer that looks at every event.
class consuming {
public:
  weft::result<void> run(weft::participant& node, const std::string& pattern) {
    weft::subscription_options options;
    options.from = weft::start::beginning;
    options.on_gap = [this](const weft::gap& missing) {
      teller_.add_line(fmt::format("gap {} {} {} {}\n", missing.node, to_string(missing.from.epoch),
                                   missing.from.seq.value(), missing.until.value()));
    };
    auto from = node.subscribe(pattern, options);
    if (!from) return weft::fail(from.error());
    while (!stopped) {
      const auto events = from->poll_batch(4096, tell_every);
      if (!events) return weft::fail(events.error());
      for (const auto& next : *events)
        look_at(next);
      teller_.print();
    }
    from->close();
    for (const auto& [node_name, had] : had_)
      teller_.add_line(fmt::format(
          "paused {} {}\n", std::chrono::duration_cast<std::chrono::milliseconds>(had.longest).count(), node_name));
    teller_.print();
    return {};
  }

private:
  struct pace {
    clock::time_point last;
    clock::duration longest{};
  };

  void look_at(const weft::event& event) {
    const std::string node{event.node};
    for (const auto& name : {node, std::string("*")}) {
      const auto now = clock::now();
      auto& had = had_.try_emplace(name, pace{now}).first->second;
      had.longest = std::max(had.longest, now - had.last);
      had.last = now;
    }
    if (const auto found = identity_of(event))
      teller_.add({fmt::format("saw {} ", found->source), std::string(event.topic), node, event.at.epoch, found->number,
                   1, event.at.seq.value(), event.offset.value()});
    else
      teller_.add_line(
          fmt::format("odd {} {} {} {}\n", node, to_string(event.at.epoch), event.at.seq.value(), event.text()));
  }

  teller teller_;
  std::map<std::string, pace> had_;
};

weft::result<weft::client> connect(const std::string& data) {
  return weft::client::connect({.data_dir = data, .program = "traffic"});
}

int publish(publish_words words) {
  auto node = connect(words.data);
  if (!node) return weft::report(node.error());
  auto to = node->publisher(words.topic, {.level = words.level});
  if (!to) return weft::report(to.error());
  publishing{std::move(words), *to}.run();
  return 0;
}

int consume(const std::string& data, const std::string& pattern) {
  auto node = connect(data);
  if (!node) return weft::report(node.error());
  const auto done = consuming{}.run(*node, pattern);
  return done ? 0 : weft::report(done.error());
}

} // namespace

int main(int count, char** arguments) {
  for (const int number : {SIGTERM, SIGINT})
    std::signal(number, [](int) { stopped = true; });
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() == 8 && words[0] == "publish") {
    const auto level = weft::parse_ack_level(words[4]);
    if (!level) return weft::report(level.error());
    return publish({words[1], words[2], words[3], *level, std::strtod(words[5].c_str(), nullptr),
                    std::strtoull(words[6].c_str(), nullptr, 10), std::strtoull(words[7].c_str(), nullptr, 10)});
  }
  if (words.size() == 3 && words[0] == "consume") return consume(words[1], words[2]);
  std::fputs("usage: traffic publish DATA TOPIC SOURCE LEVEL RATE COUNT BYTES | traffic consume DATA PATTERN\n",
             stderr);
  return 2;
}
