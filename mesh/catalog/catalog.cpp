#include "mesh/catalog/catalog.hpp"

#include "mesh/base/os_disk.hpp"
#include "mesh/catalog/files.hpp"
#include "mesh/catalog/numbers.hpp"
#include "mesh/catalog/schema.hpp"

#include <fmt/format.h>

namespace weft::catalog {
namespace {

/// What SQLite can't make sense of in a file that was there is damage.
error as_damage(const error& why) { return why.code() == errc::internal ? error{errc::corrupt, why.message()} : why; }

/// Opens the file and looks at all of it. @error errc::corrupt  it has to be set aside
result<std::unique_ptr<database>> open_checked(const std::string& path) {
  auto db = database::open(path);
  if (!db) return fail(as_damage(db.error()));
  const auto look = [&]() -> result<void> {
    if (auto same = check_schema(**db, migrations()); !same) return same;
    const auto held = (*db)->hold();
    return (*db)->check();
  };
  auto checked = migrate(**db, migrations()); // what fails here may be our step: no reason to give up the file
  if (checked) checked = look().map_error(as_damage);
  if (!checked) {
    (*db)->leave_files_alone();
    return fail(checked.error());
  }
  return db;
}

result<void> forget_all_numbers(database& in) {
  auto change = in.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = forget_numbers(in); !done) return done;
  return change->commit();
}

/// Fills a new file beside the final name and renames it when it is whole: a catalog is there with all its tables or
/// not at all.
result<std::unique_ptr<database>> make(disk& on, const std::string& directory, catalog_origin origin) {
  const auto path = main_path(directory);
  const auto draft = path + ".new";
  for (const auto* leftover : {"", "-wal", "-journal"})
    if (on.exists(draft + leftover))
      if (const auto removed = on.remove(draft + leftover); !removed) return fail(removed.error());
  if (const auto file = on.open(draft, open_mode::create); !file) return fail(file.error()); // mode 0600
  {
    const auto db = database::open(draft);
    if (!db) return fail(db.error());
    if (const auto made = migrate(**db, migrations()); !made) return fail(made.error());
    if (origin == catalog_origin::replaced)
      if (const auto done = forget_all_numbers(**db); !done) return fail(done.error());
    if (const auto moved = (*db)->fold_in(); !moved) return fail(moved.error());
  }
  if (const auto moved = on.rename(draft, path); !moved) return fail(moved.error());
  if (const auto synced = on.sync_directory(directory); !synced) return fail(synced.error());
  return open_checked(path);
}

} // namespace

catalog::catalog(std::unique_ptr<database> db, catalog_origin origin, std::string damage)
    : db_(std::move(db)),
      origin_(origin),
      damage_(std::move(damage)),
      topics_(*db_),
      contracts_(*db_),
      starts_(*db_),
      cursors_(*db_),
      nodes_(*db_),
      numbers_(*db_),
      tokens_(*db_),
      settings_(*db_),
      items_(*db_),
      groups_(*db_) {}

result<std::unique_ptr<catalog>> catalog::open(const std::string& directory) {
  auto& on = os_disk();
  const auto path = main_path(directory);
  const auto state = look_at(on, directory, migrations().size());
  if (!state) return fail(state.error());
  std::string damage;
  if (*state == file_state::usable) {
    auto db = open_checked(path);
    if (db) return open_existing(std::move(*db));
    if (db.error().code() != errc::corrupt) return fail(db.error());
    damage = db.error().message();
  } else if (*state == file_state::damaged) {
    damage = fmt::format("{} does not begin as a catalog does", path);
  } else if (on.exists(path + "-wal")) {
    damage = fmt::format("{} is missing beside its write-ahead log", path);
  }
  if (!damage.empty()) {
    const auto moved = set_aside(on, directory);
    if (!moved) return fail(moved.error());
    damage += fmt::format("; it is kept as {}", *moved);
  }
  const auto lost = has_damaged(on, directory);
  if (!lost) return fail(lost.error());
  if (*lost && damage.empty()) damage = fmt::format("{} is missing beside one that was damaged", path);
  const auto origin = *lost ? catalog_origin::replaced : catalog_origin::made;
  auto db = make(on, directory, origin);
  if (!db) return fail(db.error());
  return std::unique_ptr<catalog>(new catalog(std::move(*db), origin, std::move(damage)));
}

/// One that replaced a damaged one stays `replaced` until it has been rebuilt.
result<std::unique_ptr<catalog>> catalog::open_existing(std::unique_ptr<database> db) {
  for (const auto counter : {topic_table::counter, number_table::counter}) {
    const auto known = knows_number(*db, counter);
    if (!known) return fail(known.error());
    if (!*known)
      return std::unique_ptr<catalog>(new catalog(std::move(db), catalog_origin::replaced,
                                                  "the catalog replaced a damaged one and was not rebuilt yet"));
  }
  return std::unique_ptr<catalog>(new catalog(std::move(db), catalog_origin::existing, {}));
}

result<std::unique_ptr<catalog>> catalog::in_memory() {
  auto db = database::open(":memory:");
  if (!db) return fail(db.error());
  if (const auto made = migrate(**db, migrations()); !made) return fail(made.error());
  return std::unique_ptr<catalog>(new catalog(std::move(*db), catalog_origin::made, {}));
}

result<void> catalog::integrity() {
  const auto held = db_->hold();
  return db_->check();
}

} // namespace weft::catalog
