// gui/models/events_model.hpp: events as a list, with gaps in their places.
#pragma once
#include "gui/core/events.hpp"
#include "gui/core/limits.hpp"
#include "gui/models/roles.hpp"

#include <QAbstractTableModel>

#include <memory>

namespace weft::monitor {

/// Texts are made when they are looked at: rows cost what their events cost. Rows come at the end and are brought in
/// order by resort(), so that none moves by itself.
class EventsModel : public QAbstractTableModel {
  Q_OBJECT
public:
  using Row = std::shared_ptr<const event_row>;
  struct At {
    enum : int { time, node, topic, type, key, offset, value, bytes, columns };
  };

  explicit EventsModel(QObject* parent = nullptr);

  /// Adds rows in one insertion.
  void append(const std::vector<Row>& rows);
  void clear();
  /// Removes all but the rows that came last. @param bytesMost of memory, about; the last row stays
  /// @returns how many went
  std::size_t keepLatest(std::size_t most, std::size_t bytesMost = limits::tail_bytes_max);
  /// Days that are not this one, by the clock of the window, are written out.
  void setDay(time_us now);
  void resort();

  [[nodiscard]] const event_row& row(int i) const { return *items_.at(static_cast<std::size_t>(i)).row; }
  [[nodiscard]] Row shared(int i) const { return items_.at(static_cast<std::size_t>(i)).row; }
  [[nodiscard]] std::vector<Row> rows() const;
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; } ///< about, of memory

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(items_.size());
  }
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : At::columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

private:
  struct Item {
    Row row;
    std::uint64_t arrival = 0;
    std::size_t bytes = 0; ///< of memory, about
  };
  [[nodiscard]] bool isLess(const Item& a, const Item& b) const;
  [[nodiscard]] QString text(const event_row& of, int column) const;
  void tellTimes();

  std::vector<Item> items_;
  std::uint64_t arrivals_ = 0;
  std::size_t bytes_ = 0;
  int column_ = At::time;
  Qt::SortOrder order_ = Qt::AscendingOrder;
  bool dirty_ = false; ///< rows were added that may belong elsewhere
  time_us now_ = 0;
  qint64 day_ = 0; ///< of the window's zone
};

} // namespace weft::monitor
