// mesh/catalog/database.hpp: one SQLite database, its prepared statements and its transactions.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace weft::catalog {

/// What a column holds; nothing is NULL. Copied when it is bound.
using value = std::variant<std::monostate, std::int64_t, std::string_view, byte_view>;

/// How durable a transaction is when it returns.
enum class durability : std::uint8_t {
  synced,  ///< on disk: survives a power failure
  relaxed, ///< survives the end of the process; a power failure may take the last ones, in order
};

class database;

/// The rows of one use of a statement; ends that use when destroyed. Texts and bytes are valid until the next row.
class rows {
public:
  rows(rows&& other) noexcept : owner_(other.owner_), statement_(std::exchange(other.statement_, nullptr)) {}
  rows& operator=(rows&&) = delete;
  ~rows();

  /// Moves to the next row. @returns whether there is one
  [[nodiscard]] result<bool> next();
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const noexcept;
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] byte_view bytes(int column) const noexcept;

private:
  friend class database;
  rows(const database& owner, sqlite3_stmt* statement) noexcept : owner_(&owner), statement_(statement) {}

  const database* owner_;
  sqlite3_stmt* statement_;
};

/// The connection. Files are opened for this process alone: WAL mode, exclusive locking, no shared memory file.
/// Every function but hold() and begin() is called by whoever holds it.
/// @thread any, one holder at a time
class database {
public:
  /// Ends the transaction: rolled back unless committed.
  class transaction {
  public:
    transaction(transaction&& other) noexcept : held_(std::move(other.held_)), in_(std::exchange(other.in_, nullptr)) {}
    transaction& operator=(transaction&&) = delete;
    ~transaction();
    [[nodiscard]] result<void> commit();

  private:
    friend class database;
    transaction(std::unique_lock<std::mutex> held, database& in) noexcept : held_(std::move(held)), in_(&in) {}
    std::unique_lock<std::mutex> held_;
    database* in_;
  };

  /// Opens a file that exists, or with ":memory:" an empty database that is nowhere else.
  /// @error errc::locked   another connection has it
  /// @error errc::corrupt  it is no database
  [[nodiscard]] static result<std::unique_ptr<database>> open(const std::string& path);
  ~database(); ///< moves what the write-ahead log has into the file, unless leave_files_alone() was called

  [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }
  /// Holds the database for writing until the transaction ends.
  [[nodiscard]] result<transaction> begin(durability how);

  /// Starts a statement that is prepared at its first use and kept. `sql` is a literal.
  /// @pre the same statement is not in use
  [[nodiscard]] result<rows> ask(std::string_view sql, std::initializer_list<value> values = {});
  /// Carries out a statement without rows.
  [[nodiscard]] result<void> run(std::string_view sql, std::initializer_list<value> values = {});
  /// How many rows the last insert, update or delete changed.
  [[nodiscard]] std::int64_t changed() const noexcept;
  /// Carries out several statements, not prepared: schema changes and settings of the connection.
  [[nodiscard]] result<void> script(const std::string& sql);

  /// Every page, index, row checksum and reference. @error errc::corrupt  with the first finding
  [[nodiscard]] result<void> check();
  /// Moves all that the write-ahead log has into the file.
  [[nodiscard]] result<void> fold_in();
  /// Closing will not touch the files.
  void leave_files_alone() noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// What SQLite says about the last failure, as an error of ours.
  [[nodiscard]] error last_error(int code) const;

private:
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  explicit database(std::string path) noexcept : path_(std::move(path)) {}
  [[nodiscard]] result<void> set_up();
  [[nodiscard]] result<sqlite3_stmt*> prepared(std::string_view sql);

  std::string path_;
  sqlite3* handle_ = nullptr;
  std::map<std::string_view, std::unique_ptr<sqlite3_stmt, finalizer>> statements_;
  std::optional<durability> set_; // what the connection is set to
  std::mutex mutex_;
};

} // namespace weft::catalog
