// gui/models/operating.hpp: whether the window may change the mesh: locked until somebody asks for it.
#pragma once
#include "gui/core/limits.hpp"
#include "gui/models/audit_log.hpp"

#include <QObject>

#include <functional>

namespace weft::monitor {

/// Where the window is, as far as it matters to whoever changes something.
struct OperatingPlace {
  QString mesh;          ///< its name or id
  QString where;         ///< the node that is asked
  bool live = true;      ///< false: it is wound back
  QString shownTime;     ///< then, what it shows
  bool recorded = false; ///< there is no mesh behind it
  friend bool operator==(const OperatingPlace&, const OperatingPlace&) = default;
};

/// Locked at the start, by hand, and after a time without use.
/// @thread that of the window
class Operating : public QObject {
  Q_OBJECT
public:
  using Clock = std::function<time_us()>; ///< monotonic

  explicit Operating(const QString& auditFile, Clock clock = {}, QObject* parent = nullptr);

  [[nodiscard]] bool isUnlocked() const noexcept { return unlocked_; }
  void unlock();
  void lock();
  /// Somebody uses it: the time begins anew.
  void use();
  /// Locks when it was not used for long enough. The window calls it often.
  void look();
  /// Until it locks itself; 0: it is locked.
  [[nodiscard]] time_us left() const;

  void setPlace(const OperatingPlace& place);
  [[nodiscard]] const OperatingPlace& place() const noexcept { return place_; }
  /// Why nothing can be changed now, as a sentence with the remedy; empty: it can.
  [[nodiscard]] QString whyNot() const;
  /// The same but for the lock.
  [[nodiscard]] QString whyNotUnlocked() const;

  [[nodiscard]] const AuditLog& audit() const noexcept { return audit_; }
  /// The user whose name is written down.
  [[nodiscard]] static QString user();

Q_SIGNALS:
  void changed();

private:
  AuditLog audit_;
  Clock clock_;
  OperatingPlace place_;
  bool unlocked_ = false;
  time_us usedAt_ = 0;
};

} // namespace weft::monitor
