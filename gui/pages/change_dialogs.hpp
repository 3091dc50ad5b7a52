// gui/pages/change_dialogs.hpp: small changes: a topic's settings, a group's end or home, a cut's end.
#pragma once
#include "gui/models/mesh_changes.hpp"
#include "gui/models/topic_settings.hpp"
#include "gui/pages/operation_dialog.hpp"

class QCheckBox;
class QComboBox;
class QLineEdit;

namespace weft::monitor {

/// Settings of a topic, as they are and as they are to be; of a new one when `topic` is empty.
class TopicDialog : public OperationDialog {
  Q_OBJECT
public:
  TopicDialog(const QString& topic, Errands& errands, Operating& operating, QWidget* parent);
  /// The field of a setting: a QLineEdit or a QComboBox. @param name as settingKinds() has it
  [[nodiscard]] QWidget* field(const QString& name) const { return fields_.value(name); }
  [[nodiscard]] QLineEdit& name() noexcept { return *name_; }
  [[nodiscard]] bool isReading() const noexcept { return reading_; }

private:
  void makeFields();
  void read(const QString& topic);
  void show(const TopicSettings& now);
  void plan();
  [[nodiscard]] QString textOf(const QString& name) const;

  QString topic_; ///< empty: a new one
  TopicSettings now_;
  bool reading_ = false;
  QLineEdit* name_;
  QMap<QString, QWidget*> fields_;
  QMap<QString, QString> before_; ///< texts of the fields, as the topic is
  Errand errand_;
};

class GroupDeletionDialog : public OperationDialog {
  Q_OBJECT
public:
  GroupDeletionDialog(const group_view& group, Errands& errands, Operating& operating, QWidget* parent);
};

class HomeDialog : public OperationDialog {
  Q_OBJECT
public:
  HomeDialog(const group_view& group, const QStringList& nodes, Errands& errands, Operating& operating,
             QWidget* parent);
};

class CutDialog : public OperationDialog {
  Q_OBJECT
public:
  CutDialog(Errands& errands, Operating& operating, QWidget* parent);
};

class CutDeletionDialog : public OperationDialog {
  Q_OBJECT
public:
  CutDeletionDialog(Errands& errands, Operating& operating, QWidget* parent);

private:
  Errand errand_;
};

} // namespace weft::monitor
