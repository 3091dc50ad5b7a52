// mesh/transport/connection_table.hpp: which descriptor, which handshake and which frames are one connection. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/transport/transport.hpp"

#include <unordered_map>
#include <vector>

namespace weft::transport {

/// Told by the ZAP handler on each frame of a connection, as its User-Id.
using serial = strong<struct serial_tag, std::uint64_t>;
/// One accepted connection; a descriptor's number is used again, this is not.
using connection_number = strong<struct connection_number_tag, std::uint64_t>;

struct connection {
  connection_number number;
  int fd = -1; ///< ZeroMQ's; belongs to this connection only while it is not lost
  std::string address;
  mono_time since;
  std::optional<serial> speaker;  ///< who it is, known from the first frame
  std::optional<mono_time> lost;  ///< ZeroMQ told that it ended
  std::optional<mono_time> ended; ///< we ended it
  bool proven = false;
  bool gone = false;                        ///< lost, and all of its frames are there to be read
  bool politely = false;                    ///< ended, but what was sent before may leave
  unsigned shut_down = 0;                   ///< how far: 0 not, 1 for writing, 2 wholly
  std::optional<error> why;                 ///< lost or ended before a first frame: the reason
  std::uint64_t opened_at = 0, lost_at = 0; // counts of events
};

/// ZeroMQ tells three things apart: its monitor has descriptors that open and close, its ZAP requests have keys, and
/// frames have the User-Id that ZAP answered and the descriptor's number at that time. Numbers are used again and the
/// three come over different pipes. This joins them exactly:
///
///     monitor   ACCEPTED 7 ........................... DISCONNECTED 7 . ACCEPTED 7
///     zap              request K ── admit ─▶ serial 31
///     frames                                  (31, fd 7) ── bind ─▶ the connection that had 7 when 31 was admitted
///
/// A connection's ACCEPTED comes before its ZAP request, its DISCONNECTED after ZAP's answer. So, when all monitor
/// events are taken in before each answer, only one connection can have had that descriptor then.
class connection_table {
public:
  struct admission {
    curve_public_key key{};
    std::uint64_t at = 0; // count of events when it was admitted
    std::optional<connection_number> bound;
  };

  connection& accepted(int fd, std::string address, mono_time now);
  /// Nothing when it is not known.
  connection* disconnected(int fd, mono_time now);
  /// @pre every monitor event so far was told
  serial admit(const curve_public_key& key);
  [[nodiscard]] const admission* find(serial speaker) const;
  /// The first frame of `speaker` came over this descriptor. Nothing when its connection is gone for good.
  connection* bind(serial speaker, int fd);
  [[nodiscard]] connection* find(connection_number number);
  /// Forgets a connection and who spoke on it: later frames are nobody's.
  void forget(connection_number number);

  [[nodiscard]] const std::vector<connection_number>& lost() const noexcept { return lost_; } ///< not forgotten yet
  [[nodiscard]] std::size_t size() const noexcept { return connections_.size(); }
  [[nodiscard]] std::size_t admissions() const noexcept { return admissions_.size(); }

private:
  [[nodiscard]] bool could_be(const connection& c, const admission& a) const noexcept;
  void forget_impossible_admissions();

  std::unordered_map<connection_number, connection> connections_;
  std::unordered_map<int, std::vector<connection_number>> by_fd_; // oldest first; only the last may not be lost
  std::unordered_map<serial, admission> admissions_;
  std::vector<connection_number> lost_;
  std::size_t unbound_ = 0; // admissions
  std::size_t look_over_at_ = 16;
  std::uint64_t events_ = 0;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_serial_ = 0;
};

} // namespace weft::transport
