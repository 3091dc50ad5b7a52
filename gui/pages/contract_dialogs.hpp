// gui/pages/contract_dialogs.hpp: gives a topic a contract, or its next one, and takes it away.
#pragma once
#include "gui/models/contract_plan.hpp"
#include "gui/pages/operation_dialog.hpp"

#include <functional>

class QComboBox;
class QLineEdit;
class QTimer;

namespace weft::monitor {

/// The node is asked in a dry run after each change; the files are sent as they were read for it.
class ContractDialog : public OperationDialog {
  Q_OBJECT
public:
  using FileChooser = std::function<QString(const QString& title)>;

  ContractDialog(const QString& topic, Errands& errands, Operating& operating, QWidget* parent);

  /// Who asks for a file's name; by default a dialog. An empty name: none was chosen.
  /// Who asks for a file's name; by default a dialog, which goes when this one does.
  void setFileChooser(FileChooser chooser) { chooser_ = std::move(chooser); }
  [[nodiscard]] ContractWish wish() const;
  /// At once, without waiting for the next key.
  void planNow() { plan(); }
  [[nodiscard]] bool isPlanning() const;

private:
  void makeForm();
  void askFor(QLineEdit* field);
  void addFile(const QString& label, QLineEdit* field);
  void planSoon();
  void plan();

  QLineEdit *topic_, *schema_, *rules_;
  QComboBox *compatibility_, *onBroken_;
  FileChooser chooser_;
  QTimer* soon_;
  bool planning_ = false;
  Errand errand_;
};

class ContractRemovalDialog : public OperationDialog {
  Q_OBJECT
public:
  ContractRemovalDialog(const QString& topic, Errands& errands, Operating& operating, QWidget* parent);

private:
  Errand errand_;
};

} // namespace weft::monitor
