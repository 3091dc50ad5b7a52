#include "mesh/log/recovery.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/log/spare_names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace weft::log {
namespace {

result<void> copy_bytes(const file& from, file& to, std::uint64_t bytes) {
  std::vector<std::byte> piece(std::min<std::uint64_t>(bytes, limits::read_chunk_bytes));
  for (std::uint64_t at = 0; at < bytes;) {
    const auto wanted = std::min<std::uint64_t>(bytes - at, piece.size());
    const auto got = from.read_at(at, std::span(piece).first(wanted));
    if (!got) return fail(got.error());
    if (*got < wanted) return fail(errc::io_error, "the file became shorter while it was read");
    if (auto put = to.write_at(at, byte_view(piece).first(wanted)); !put) return put;
    at += wanted;
  }
  return {};
}

/// A name beside `path` that nobody has.
std::string free_name(disk& on, const std::string& path) {
  for (int number = 1;; ++number) {
    auto name = fmt::format("{}.aside-{}", path, number);
    if (!on.exists(name)) return name;
  }
}

result<void> set_aside(disk& on, recovery_plan& plan, std::set<std::string>& touched) {
  while (!plan.aside.empty()) {
    const auto path = plan.aside.back();
    const auto name = free_name(on, path);
    if (auto done = on.rename(path, name); !done) return done;
    touched.insert(parent_directory(path));
    plan.report.set_aside.push_back(name);
    plan.aside.pop_back();
  }
  return {};
}

/// Removes files; one that is gone already is fine.
result<void> remove_all(disk& on, std::vector<std::string>& paths, std::set<std::string>& touched) {
  while (!paths.empty()) {
    auto done = on.remove(paths.back());
    if (!done && done.error().code() != errc::not_found) return done;
    touched.insert(parent_directory(paths.back()));
    paths.pop_back();
  }
  return {};
}

/// The segment that was open at the end: its used bytes in a file of their own. Pre-written files make room if needed.
result<void> rewrite_last(disk& on, recovery_plan& plan) {
  const auto& segment = plan.segments[*plan.rewrite];
  auto done = rewrite_file(on, segment.path, segment.summary.used);
  if (!done && done.error().code() == errc::disk_full && !plan.spares.empty()) {
    std::set<std::string> ignored;
    if (auto removed = remove_all(on, plan.spares, ignored); !removed) return removed;
    done = rewrite_file(on, segment.path, segment.summary.used);
  }
  if (done) plan.rewrite.reset();
  return done;
}

} // namespace

result<void> rewrite_file(disk& on, const std::string& path, std::uint64_t bytes) {
  const auto fresh = path + std::string(unfinished_suffix);
  auto from = on.open(path, open_mode::read);
  if (!from) return fail(std::move(from.error()));
  if (on.exists(fresh))
    if (auto removed = on.remove(fresh); !removed) return removed;
  auto to = on.open(fresh, open_mode::create);
  if (!to) return fail(std::move(to.error()));
  auto done = copy_bytes(**from, **to, bytes);
  if (done) done = (*to)->sync();
  if (done) done = on.rename(fresh, path);
  if (!done) {
    static_cast<void>(on.remove(fresh)); // the error to tell is the first one; the next opening removes it too
    return done;
  }
  return on.sync_directory(parent_directory(path));
}

result<void> carry_out(disk& on, recovery_plan& plan) {
  std::set<std::string> touched;
  if (auto done = set_aside(on, plan, touched); !done) return done;
  if (auto done = remove_all(on, plan.leftover, touched); !done) return done;
  for (const auto& directory : touched)
    if (auto done = on.sync_directory(directory); !done) return done;
  if (plan.rewrite)
    if (auto done = rewrite_last(on, plan); !done) return done;
  // Indexes are a cache: without one the next opening scans. But an empty segment says where the one before it ends,
  // so it stays until that is in an index.
  bool all_written = true;
  for (auto& segment : plan.segments) {
    if (!segment.rebuilt) continue;
    const auto bytes = encode_index(segment.rebuilt->index, segment.rebuilt->tables);
    static_cast<void>(on.make_directories(parent_directory(segment.path))); // it may be gone with all that was in it
    const auto written = write_file_durably(on, index_path_of(segment.path), bytes);
    if (written) segment.rebuilt.reset();
    all_written = all_written && written;
  }
  touched.clear();
  if (all_written)
    if (auto done = remove_all(on, plan.empty, touched); !done) return done;
  for (const auto& directory : touched)
    if (auto done = on.sync_directory(directory); !done) return done;
  return {};
}

} // namespace weft::log
