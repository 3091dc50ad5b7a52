// gui/app/find_box.hpp: finds any node, topic or group by a part of its name, and opens it.
#pragma once
#include "gui/core/snapshot.hpp"
#include "gui/widgets/find_field.hpp"

namespace weft::monitor {

class FindBox : public FindField {
  Q_OBJECT
public:
  explicit FindBox(QWidget* parent = nullptr);
  /// What there is to find. Costs nothing while nothing came or went.
  void apply(const snapshot_ptr& now);

Q_SIGNALS:
  void found(const QString& page, const QString& of);

private:
  class Names;
  Names* names_;
};

} // namespace weft::monitor
