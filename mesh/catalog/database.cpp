#include "mesh/catalog/database.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/catalog/row_sum.hpp"
#include "mesh/catalog/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace weft::catalog {
namespace {

struct binder {
  sqlite3_stmt* to;
  int place;

  int operator()(std::monostate) const noexcept { return sqlite3_bind_null(to, place); }
  int operator()(std::int64_t number) const noexcept { return sqlite3_bind_int64(to, place, number); }
  int operator()(std::string_view text) const noexcept {
    const auto* data = text.data() != nullptr ? text.data() : ""; // a null pointer would bind NULL
    return sqlite3_bind_text64(to, place, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  int operator()(byte_view bytes) const noexcept {
    const auto* data = bytes.data() != nullptr ? static_cast<const void*>(bytes.data()) : "";
    return sqlite3_bind_blob64(to, place, data, bytes.size(), SQLITE_TRANSIENT);
  }
};

} // namespace

// --- rows

rows::~rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

result<bool> rows::next() {
  const auto code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(owner_->last_error(code));
}

bool rows::is_null(int column) const noexcept { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t rows::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }

std::optional<std::int64_t> rows::optional_integer(int column) const noexcept {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::string_view rows::text(int column) const noexcept { return as_text(bytes(column)); }

byte_view rows::bytes(int column) const noexcept {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

// --- transactions

database::transaction::~transaction() {
  if (in_ == nullptr || sqlite3_get_autocommit(in_->handle_) != 0) return; // a failed write may have ended it already
  sqlite3_exec(in_->handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

result<void> database::transaction::commit() { return in_->run("COMMIT"); }

result<database::transaction> database::begin(durability how) {
  auto held = hold();
  if (set_ != how) {
    if (const auto set = script(how == durability::synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        !set)
      return fail(set.error());
    set_ = how;
  }
  if (const auto begun = run("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return transaction(std::move(held), *this);
}

// --- the connection

void database::finalizer::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

result<std::unique_ptr<database>> database::open(const std::string& path) {
  std::unique_ptr<database> opened(new database(path));
  // A relative path gets "./" in front, as SQLite takes one that begins with "file:" for an address.
  const auto name = path == ":memory:" || path.starts_with('/') ? path : "./" + path;
  const auto flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  const auto code = sqlite3_open_v2(name.c_str(), &opened->handle_, flags, nullptr);
  if (code != SQLITE_OK) return fail(opened->last_error(code));
  if (const auto ready = opened->set_up(); !ready) return fail(ready.error());
  return opened;
}

result<void> database::set_up() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  if (const auto code = add_row_sum(handle_); code != SQLITE_OK) return fail(last_error(code));
  auto set = script("PRAGMA cell_size_check=ON; PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY");
  if (!set) return set;
  auto mode = ask("PRAGMA journal_mode=WAL");
  if (!mode) return fail(mode.error());
  const auto row = mode->next();
  if (!row) return fail(row.error());
  if (path_ != ":memory:" && mode->text(0) != "wal")
    return fail(errc::corrupt, fmt::format("{} can't be set to write-ahead logging", path_));
  return {};
}

database::~database() {
  statements_.clear();
  sqlite3_close_v2(handle_);
}

result<sqlite3_stmt*> database::prepared(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
  sqlite3_stmt* statement = nullptr;
  const auto code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                       &statement, nullptr);
  if (code != SQLITE_OK) return fail(last_error(code));
  statements_.emplace(sql, statement);
  return statement;
}

result<rows> database::ask(std::string_view sql, std::initializer_list<value> values) {
  const auto statement = prepared(sql);
  if (!statement) return fail(statement.error());
  WEFT_ASSERT(sqlite3_stmt_busy(*statement) == 0);
  WEFT_ASSERT(sqlite3_bind_parameter_count(*statement) == static_cast<int>(values.size()));
  rows started(*this, *statement);
  int place = 0;
  for (const auto& item : values)
    if (const auto code = std::visit(binder{*statement, ++place}, item); code != SQLITE_OK)
      return fail(last_error(code));
  return started;
}

result<void> database::run(std::string_view sql, std::initializer_list<value> values) {
  auto started = ask(sql, values);
  if (!started) return fail(started.error());
  const auto row = started->next();
  if (!row) return fail(row.error());
  WEFT_ASSERT(!*row);
  return {};
}

std::int64_t database::changed() const noexcept { return sqlite3_changes64(handle_); }

result<void> database::script(const std::string& sql) {
  const auto code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(last_error(code));
  return {};
}

result<void> database::check() {
  auto found = ask("PRAGMA integrity_check(1)");
  if (!found) return fail(found.error());
  const auto row = found->next();
  if (!row) return fail(row.error());
  if (*row && found->text(0) == "ok") return {};
  return fail(errc::corrupt, fmt::format("{} is damaged: {}", path_, *row ? found->text(0) : "it can't be checked"));
}

result<void> database::fold_in() {
  const auto code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(last_error(code));
  return {};
}

void database::leave_files_alone() noexcept {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

error database::last_error(int code) const {
  const auto kind = code_of(code, handle_ != nullptr ? sqlite3_system_errno(handle_) : 0);
  const auto* said = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  return {kind, fmt::format("{}: {}{}", path_, said, remedy_for(kind))};
}

} // namespace weft::catalog
