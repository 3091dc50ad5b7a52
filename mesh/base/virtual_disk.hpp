// mesh/base/virtual_disk.hpp: a disk in memory that fails as disks fail.
//
// Fault model
//
//   Power failure: `crash`. Of each file every 512-byte sector written since its last sync is kept, lost (the durable
//   bytes are back) or torn (a part of it is new), each for itself and in no order. The size is settled apart from the
//   content, so a file may have grown without its bytes: zeros. What a sync returned for is never touched.
//   Creations, renames and removals are kept or dropped one by one unless their directory was synced; a rename is
//   kept or dropped as a whole, and what was done later to the same file goes with what was dropped.
//   A sync of a file does not make its name durable. make_directories syncs.
//   Killed process: `crash_losing_nothing`. The operating system goes on: what was not synced is there, and not
//   durable. Both make open files useless (every call fails with io_error) and release locks.
//
//   Failed call: the n-th of all or of a kind, once or for ever, with any error; it has no effect. But a failed sync
//   has Linux's: the written bytes count as clean and are read until drop_cache, no later sync writes them, and a power
//   failure loses them. A short write writes the first half. A write to a full disk writes what fits.
//   Lying device: syncs succeed and nothing becomes durable. Misdirected write: it lands elsewhere and succeeds.
//   Decay: flip_bit. Operator: restore. Slow: the hook runs before each call, outside all locks, and may wait.
//
//   Not modelled: reads of damaged sectors that fail (use a failure of `read`), hard and symbolic links, permissions.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/base/random.hpp"

#include <array>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>

namespace weft {

/// The calls that are counted and can fail. `size`, `exists` and `drop_cache` are not.
enum class disk_call : std::uint8_t {
  open,
  read,
  write,
  sync,
  truncate,
  rename,
  remove, ///< remove_directory too
  sync_directory,
  make_directories,
  list,
  lock,
  free_space,
};
inline constexpr std::size_t disk_calls = 12;

/// What goes wrong. Calls are counted from 1, beginning when the plan is set.
struct disk_fault_plan {
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  struct failure {
    std::uint64_t nth = 1;
    errc code = errc::io_error;
    std::optional<disk_call> kind = {}; ///< counts only this kind; all calls without it
    bool for_ever = false;              ///< the n-th and all after it
  };
  struct misdirection {
    std::uint64_t nth_write = 1;
    std::string path; ///< must exist
    std::uint64_t offset = 0;
  };

  std::vector<failure> failures = {};
  std::optional<std::uint64_t> short_write = {}; ///< the n-th write
  std::optional<misdirection> misdirected = {};
  std::uint64_t capacity = unlimited; ///< bytes of all files; growing beyond it is disk_full
  bool ignores_syncs = false;         ///< of files and directories
};

/// Calls by kind.
struct disk_call_counts {
  std::array<std::uint64_t, disk_calls> by_kind{};
  [[nodiscard]] std::uint64_t of(disk_call kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::uint64_t total() const {
    return std::accumulate(by_kind.begin(), by_kind.end(), std::uint64_t{0});
  }
};

/// The disk of tests and of the simulator. One instance is one machine's disk; it outlives the runs of its node.
/// @thread any; a clone and its origin share content, so use those two from one thread at a time
class virtual_disk final : public disk {
public:
  /// Called before each call with its kind and path.
  using hook = std::function<void(disk_call kind, const std::string& path)>;

  virtual_disk();
  ~virtual_disk() override; ///< its open files may live on

  // --- disk
  [[nodiscard]] result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override;
  [[nodiscard]] result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] result<void> remove(const std::string& path) override;
  [[nodiscard]] result<void> sync_directory(const std::string& path) override;
  [[nodiscard]] result<void> make_directories(const std::string& path) override;
  [[nodiscard]] result<void> remove_directory(const std::string& path) override;
  [[nodiscard]] result<std::vector<std::string>> list(const std::string& path) override;
  [[nodiscard]] bool exists(const std::string& path) override;
  [[nodiscard]] result<std::uint64_t> free_space(const std::string& path) override;
  [[nodiscard]] result<std::unique_ptr<file_lock>> lock(const std::string& path, const std::string& note) override;

  // --- faults
  /// Replaces the plan and begins to count for it.
  void set_faults(disk_fault_plan plan);
  /// While set, calls neither fail by the plan nor count for it: for who looks at the content from outside.
  void hold_faults(bool held);
  /// How many calls the plan has failed, cut short or misdirected: with 0 an n-th-call loop is through.
  [[nodiscard]] std::uint64_t faults_hit() const;
  /// Memory that the files take, in bytes: more than their sizes.
  [[nodiscard]] std::uint64_t memory() const;
  /// Since the disk was made.
  [[nodiscard]] disk_call_counts counts() const;
  /// How often somebody gave back a part of the cache.
  [[nodiscard]] std::uint64_t cache_drops() const;
  void set_hook(hook before_each_call);

  /// From now to the next crash every call fails with io_error and has no effect: what a node that is to be crashed
  /// does while it is destroyed.
  void halt();
  void crash(random_source& random);
  void crash_losing_nothing();
  void crash_losing_everything_unsynced();
  /// @pre the file exists, offset < its size, bit < 8
  void flip_bit(const std::string& path, std::uint64_t offset, unsigned bit);

  // --- for tests; not counted, never failing
  /// The same machine's disk, going its own way: the plan, hook, counts, open files and locks do not come along.
  /// Costs little: content is copied when it is written.
  [[nodiscard]] std::unique_ptr<virtual_disk> clone() const;
  /// What readers see; nothing without such a file.
  [[nodiscard]] std::optional<std::vector<std::byte>> content(const std::string& path) const;
  /// Puts a durable file there as an operator would, with its directories; replaces one that is there.
  void restore(const std::string& path, byte_view content);
  /// All paths of files, sorted, relative to the root.
  [[nodiscard]] std::vector<std::string> files() const;

private:
  struct world;
  class handle;
  class held_lock;
  explicit virtual_disk(std::shared_ptr<world> of) noexcept;

  std::shared_ptr<world> world_;
};

} // namespace weft
