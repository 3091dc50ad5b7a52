#include "tests/mesh/catalog/catalog_testing.hpp"
#include "tests/mesh/catalog/faulty_vfs.hpp"

#include <fmt/format.h>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::catalog {
namespace {

/// How many changes of each kind were acknowledged.
struct progress {
  std::uint32_t topics = 0, starts = 0, numbers = 0, cursors = 0, tokens = 0;
};

/// Makes changes of all kinds until one fails or all are done; tells after each.
result<void> make_changes(catalog& in, const std::function<void(const progress&)>& tell) {
  progress done;
  for (std::uint32_t n = 1; n <= 4; ++n) {
    if (const auto made = in.topics().create(fmt::format("topic-{}", n), {}, noon); !made) return fail(made.error());
    tell((++done.topics, done));
    const topic_start start{topic_offset{n}, {epoch{1, 1}, seq{n}}};
    if (auto moved = in.starts().move_forward(log_of(1), topic_id{1}, start); !moved) return moved;
    tell((++done.starts, done));
    if (const auto taken = in.numbers().next(); !taken) return fail(taken.error());
    tell((++done.numbers, done));
    const std::vector<cursor_record> cursors{{"audit", log_of(1), {}, {epoch{1, 1}, seq{n}}, 0, noon}};
    if (auto kept = in.cursors().keep(cursors); !kept) return kept;
    tell((++done.cursors, done));
    security::token_record token;
    token.id.bytes[0] = static_cast<std::uint8_t>(n);
    if (auto saved = in.tokens().save(token); !saved) return saved;
    tell((++done.tokens, done));
  }
  return {};
}

/// What was acknowledged is there, and at most the one change under way besides.
void expect_holds(catalog& in, const progress& acknowledged) {
  must(in.integrity());
  const auto topics = must(in.topics().list()).size();
  const auto start = must(in.starts().find(log_of(1), topic_id{1})).value_or(topic_start{}).offset.value();
  const auto cursor = must(in.cursors().find("audit", log_of(1)));
  const auto until = cursor ? cursor->until.seq.value() : 0;
  const auto tokens = must(in.tokens().list()).size();
  const auto number = must(in.numbers().next()) - 1;
  EXPECT_GE(topics, acknowledged.topics);
  EXPECT_GE(start, acknowledged.starts);
  EXPECT_GE(until, acknowledged.cursors);
  EXPECT_GE(tokens, acknowledged.tokens);
  EXPECT_GE(number, acknowledged.numbers);
  EXPECT_LE(topics + start + until + tokens + number, acknowledged.topics + acknowledged.starts + acknowledged.cursors +
                                                          acknowledged.tokens + acknowledged.numbers + 1);
}

class catalog_faults : public testing::Test {
public:
  catalog_faults() { install_faulty_vfs(); }
  ~catalog_faults() override { arm(fault::none); }

protected:
  /// Fails every call from the n-th on, for every n, until no call is left to fail.
  void fail_each_call(fault what, errc expected) {
    for (std::uint64_t n = 0;; ++n) {
      SCOPED_TRACE(fmt::format("after {} calls", n));
      ASSERT_LT(n, 1000U);
      const memory_directory directory;
      progress acknowledged;
      {
        const auto open = must_open(directory.path());
        arm(what, n);
        const auto done = make_changes(*open, [&](const progress& now) { acknowledged = now; });
        if (done) return;
        EXPECT_EQ(done.error().code(), expected) << done.error().message();
        EXPECT_GE(must(open->topics().list()).size(), acknowledged.topics); // reading goes on
        EXPECT_EQ(code_of(open->settings().set("a", "b")), expected);
        arm(fault::none);
        must(open->settings().set("a", "c")); // and so do changes, when there is space again
        EXPECT_EQ(must(open->settings().get("a")), "c");
      }
      expect_holds(*must_open(directory.path()), acknowledged);
      if (HasFailure()) return;
    }
  }
};

TEST_F(catalog_faults, a_full_disk_at_any_write_fails_changes_only_while_it_lasts) { // T09
  fail_each_call(fault::full, errc::disk_full);
}

TEST_F(catalog_faults, a_failing_device_at_any_write_or_sync_is_reported) { // T08
  fail_each_call(fault::failed, errc::io_error);
}

TEST_F(catalog_faults, a_full_disk_at_the_first_start_leaves_nothing_that_a_later_one_trips_over) { // T09
  for (std::uint64_t n = 0;; ++n) {
    SCOPED_TRACE(fmt::format("after {} calls", n));
    ASSERT_LT(n, 1000U);
    const memory_directory directory;
    arm(fault::full, n);
    const auto opened = catalog::open(directory.path());
    const auto code = code_of(opened);
    arm(fault::none);
    if (code == errc::ok) return;
    EXPECT_EQ(code, errc::disk_full) << opened.error().message();
    EXPECT_EQ(must_open(directory.path())->origin(), catalog_origin::made);
    if (HasFailure()) return;
  }
}

/// How many syncs a change takes.
std::uint64_t syncs_of(const std::function<void()>& change) {
  arm(fault::none);
  change();
  EXPECT_GT(calls(), 0U);
  return syncs();
}

TEST_F(catalog_faults, what_must_not_be_lost_is_synced_and_what_the_log_has_too_is_not) {
  const memory_directory directory;
  const auto open = must_open(directory.path());
  create(*open, "first"); // the write-ahead log begins with syncs of its own
  const std::vector<cursor_record> cursors{{"audit", log_of(1), {}, {epoch{1, 1}, seq{7}}, 0, noon}};
  EXPECT_EQ(syncs_of([&] { must(open->cursors().keep(cursors)); }), 0U);
  EXPECT_GE(syncs_of([&] { create(*open, "second"); }), 1U);
  EXPECT_GE(syncs_of([&] { must(open->starts().move_forward(log_of(1), topic_id{1}, {topic_offset{1}, {}})); }), 1U);
  EXPECT_GE(syncs_of([&] { must(open->numbers().next()); }), 1U);
  EXPECT_GE(syncs_of([&] { must(open->tokens().save({})); }), 1U);
  EXPECT_GE(syncs_of([&] { must(open->nodes().save({node_of(1), node_number{1}, "a"})); }), 1U);
  EXPECT_EQ(syncs_of([&] { must(open->nodes().seen(node_of(1), noon, node_state::dead)); }), 0U);
  EXPECT_GE(syncs_of([&] { must(open->settings().set("port", "1")); }), 1U);
}

/// Ends a child process at its n-th write or sync. @returns its exit status and what it had acknowledged
std::pair<int, progress> end_suddenly(const std::string& directory, std::uint64_t n) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    arm(fault::sudden_end, n);
    {
      const auto open = catalog::open(directory);
      if (!open) ::_exit(1);
      const auto tell = [&](const progress& now) {
        if (::write(pipe[1], &now, sizeof now) != sizeof now) ::_exit(1);
      };
      if (!make_changes(**open, tell)) ::_exit(1);
    } // closing writes too
    ::_exit(0);
  }
  ::close(pipe[1]);
  progress last, next;
  while (::read(pipe[0], &next, sizeof next) == sizeof next)
    last = next;
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  return {WEXITSTATUS(status), last};
}

TEST_F(catalog_faults, a_sudden_end_at_any_write_loses_nothing_acknowledged) {
  std::uint64_t ends = 0;
  for (std::uint64_t n = 0;; ++n) {
    SCOPED_TRACE(fmt::format("after {} calls", n));
    ASSERT_LT(n, 1000U);
    const memory_directory directory;
    const auto [status, acknowledged] = end_suddenly(directory.path(), n);
    const auto open = must_open(directory.path());
    EXPECT_NE(open->origin(), catalog_origin::replaced) << open->damage();
    expect_holds(*open, acknowledged);
    if (HasFailure() || status != 77) {
      EXPECT_EQ(status, 0);
      break;
    }
    ++ends;
  }
  EXPECT_GT(ends, 60U); // in the middle of making, of transactions and of closing
}

} // namespace
} // namespace weft::catalog
