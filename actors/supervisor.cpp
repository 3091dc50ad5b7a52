#include "actors/supervisor.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <list>
#include <variant>

namespace weft::actors {
namespace {

using number = std::uint64_t; // of a child, rising

struct adopt_child {
  child spec;
};
struct child_ended {
  number which;
  port::ending how;
};
struct restart_child {
  number which;
};
struct calm_down {
  number which;
  int crashes;
};
struct stop_all {
  std::function<void()> done;
};
struct crash_kind {
  std::string kind;
  std::function<void(std::size_t)> done;
};

microseconds backoff(int crashes) {
  auto delay = std::chrono::duration_cast<microseconds>(limits::restart_backoff_first);
  for (int i = 1; i < crashes && delay < limits::restart_backoff_most; ++i)
    delay *= 2;
  return std::min<microseconds>(delay, limits::restart_backoff_most);
}

} // namespace

struct supervisor_ref::message {
  std::variant<adopt_child, child_ended, restart_child, calm_down, stop_all, crash_kind> content;
};

namespace {

/// One child.
struct entry {
  number which;
  child spec;
  int crashes = 0;
  bool running = false;
};

/// What outlives a supervisor that crashes. Only the one that lives touches it.
struct household {
  std::list<entry> children;
  number last = 0;
  std::function<void()> stopping;
};

class supervisor final : public port::role_of<supervisor_ref::message> {
public:
  supervisor(port::system& system, diagnostics& to, household& of)
      : system_(system), diagnostics_(to), children_(of.children), last_(of.last), stopping_(of.stopping) {}

private:
  /// The one before may have left children that were to be restarted, or a stop under way.
  void begin() override {
    for (const auto& item : children_)
      if (!item.running) tell_self_after(backoff(item.crashes), {restart_child{item.which}});
    if (stopping_) stop_next();
  }

  void on(const supervisor_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  void handle(const adopt_child& adopt) {
    if (stopping_) {
      adopt.spec.at.retire();
      if (adopt.spec.on_end) adopt.spec.on_end({});
      return;
    }
    children_.push_back({++last_, adopt.spec});
    run(children_.back());
  }

  void handle(const child_ended& ended) {
    const auto found = find(ended.which);
    if (found == children_.end()) return;
    found->running = false;
    if (ended.how.crashed) ++found->crashes;
    const bool again = ended.how.crashed && found->spec.kind.policy == restart_policy::restart && !stopping_;
    report(*found, ended.how, again);
    if (again) {
      tell_self_after(backoff(found->crashes), {restart_child{ended.which}});
      return;
    }
    found->spec.at.retire();
    if (found->spec.on_end) found->spec.on_end(ended.how);
    children_.erase(found);
    if (stopping_) stop_next();
  }

  void handle(const restart_child& restart) {
    const auto found = find(restart.which);
    if (found == children_.end() || found->running || stopping_) return;
    run(*found);
    tell_self_after(limits::restart_calm_after, {calm_down{restart.which, found->crashes}});
  }

  void handle(const calm_down& calm) {
    const auto found = find(calm.which);
    if (found != children_.end() && found->crashes == calm.crashes) found->crashes = 0;
  }

  void handle(const stop_all& stop) {
    stopping_ = stop.done;
    std::erase_if(children_, [](const entry& item) {
      if (!item.running) item.spec.at.retire(); // it was to be restarted
      return !item.running;
    });
    stop_next();
  }

  void handle(const crash_kind& crash) {
    std::size_t count = 0;
    if (crash.kind == kinds::supervisor.name) {
      me().address().crash();
      ++count;
    }
    for (const auto& item : children_)
      if (item.spec.kind.name == crash.kind && item.running) {
        item.spec.at.crash();
        ++count;
      }
    crash.done(count);
  }

  void stop_next() {
    const auto next = std::min_element(children_.begin(), children_.end(), [](const entry& one, const entry& other) {
      return one.spec.kind.stop_turn < other.spec.kind.stop_turn;
    });
    if (next != children_.end()) return next->spec.at.stop();
    stopping_();
    end();
  }

  void run(entry& item) {
    item.running = true;
    system_.start(item.spec.at, item.spec.kind.where, item.spec.make,
                  [to = me(), which = item.which](const port::ending& how) {
                    to.tell_urgent({child_ended{which, how}});
                  });
  }

  void report(const entry& item, const port::ending& how, bool again) {
    if (!how.crashed) return;
    const auto what = again ? fmt::format("restarting in {} ms", backoff(item.crashes).count() / 1000)
                            : std::string("not restarted here");
    diagnostics_.error(fmt::format("{} crashed: {}; {}", item.spec.name, how.why, what));
  }

  std::list<entry>::iterator find(number which) {
    return std::find_if(children_.begin(), children_.end(), [&](const entry& item) { return item.which == which; });
  }

  port::system& system_;
  diagnostics& diagnostics_;
  std::list<entry>& children_;
  number& last_;
  std::function<void()>& stopping_;
};

/// Starts it at its address; after a crash again, at once: the message that it crashed at is gone.
void run_supervisor(port::system& system, const port::address& at, diagnostics& to,
                    const std::shared_ptr<household>& of) {
  system.start(
      at, kinds::supervisor.where, [&system, &to, of] { return std::make_unique<supervisor>(system, to, *of); },
      [&system, at, &to, of](const port::ending& how) {
        if (!how.crashed) return;
        to.error(fmt::format("supervisor crashed: {}; restarting", how.why));
        run_supervisor(system, at, to, of);
      });
}

} // namespace

supervisor_ref supervisor_ref::start(port::system& system, diagnostics& to) {
  const auto at = system.reserve();
  run_supervisor(system, at, to, std::make_shared<household>());
  return supervisor_ref(port::ref<message>(at));
}

void supervisor_ref::adopt(child spec) const {
  WEFT_ASSERT(std::any_of(std::begin(kinds::all), std::end(kinds::all),
                          [&](const actor_kind& kind) { return kind.name == spec.kind.name; }));
  to_.tell({adopt_child{std::move(spec)}});
}

void supervisor_ref::stop(std::function<void()> done) const { to_.tell({stop_all{std::move(done)}}); }

void supervisor_ref::crash_all(std::string_view kind, std::function<void(std::size_t)> done) const {
  to_.tell({crash_kind{std::string(kind), std::move(done)}});
}

} // namespace weft::actors
