// tests/gui/models/fake_access.hpp: a mesh that answers what a test says, and remembers what it was asked.
#pragma once
#include "gui/core/mesh_access.hpp"
#include "gui/models/errands.hpp"

#include <QCoreApplication>

#include <map>
#include <mutex>

namespace weft::monitor {

class FakeAccess : public mesh_access {
public:
  using Asked = std::pair<std::string, std::string>; // question, arguments

  result<std::string> ask(std::string_view question, std::string_view arguments) override {
    const std::scoped_lock lock(mutex_);
    asked_.emplace_back(question, arguments);
    if (const auto found = answers.find(std::string(question)); found != answers.end()) {
      auto& list = found->second;
      if (list.empty()) return fail(errc::not_found, "nobody answers that any more");
      auto first = list.front();
      if (list.size() > 1) list.erase(list.begin()); // the last one stays
      return first;
    }
    return fail(errc::unsupported, "nobody made up an answer to " + std::string(question));
  }
  result<void> read(const event_query& what, const event_sink& take, const std::stop_token&) override {
    const std::scoped_lock lock(mutex_);
    queries.push_back(what);
    std::vector<event_row> came;
    for (const auto& event : events) {
      const auto node = what.position.substr(0, what.position.find('/'));
      if (!what.position.empty() && (event.node != node || event.position < what.position)) continue;
      if (!what.node.empty() && event.node != what.node) continue;
      if (what.from && event.logged_at < *what.from) continue;
      if (came.size() < what.most) came.push_back(event);
    }
    const auto count = came.size();
    take(std::move(came), {.logs = 1, .logs_read = logs_read, .events = count});
    return {};
  }
  result<event_lineage> lineage(std::string_view, time_us, std::size_t, const std::stop_token&) override {
    return fail(errc::unsupported, "nobody made up what came of it");
  }

  [[nodiscard]] std::vector<Asked> asked(const std::string& with = {}) const {
    const std::scoped_lock lock(mutex_);
    std::vector<Asked> found;
    for (const auto& one : asked_)
      if (one.first.find(with) != std::string::npos) found.push_back(one);
    return found;
  }

  std::map<std::string, std::vector<result<std::string>>> answers; // in the order in which they are given
  std::vector<event_row> events;                                   // of one epoch, positions of one length
  std::vector<event_query> queries;
  std::size_t logs_read = 1; // 0: the log could not be read to its end

private:
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
};

/// Until nothing is under way and all that came of it was told.
inline void settle(Errands& errands) {
  for (int i = 0; i < 3; ++i) {
    errands.waitForDone();
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
  }
}

} // namespace weft::monitor
