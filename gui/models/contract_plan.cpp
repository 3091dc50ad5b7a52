#include "gui/models/contract_plan.hpp"

#include "gui/core/contract_limits.hpp"
#include "gui/models/asking.hpp"
#include "gui/models/texts.hpp"

#include <QFile>
#include <QJsonDocument>

#include <fmt/format.h>

namespace weft::monitor {
namespace {

constexpr int digitsShown = 12; // of an id, as `weft contracts` says them

QJsonObject argumentsOf(const ContractFacts& facts, const ContractWish& wish) {
  QJsonObject arguments{{QStringLiteral("topic"), texts::of(wish.topic)},
                        {QStringLiteral("schema"), texts::of(facts.schema)}};
  if (!facts.rules.empty()) arguments[QStringLiteral("rules")] = texts::of(facts.rules);
  if (!wish.compatibility.empty()) arguments[QStringLiteral("compatibility")] = texts::of(wish.compatibility);
  if (!wish.on_broken.empty()) arguments[QStringLiteral("on_broken")] = texts::of(wish.on_broken);
  return arguments;
}

result<QJsonObject> ask(mesh_access& mesh, std::string_view question, const QJsonObject& arguments) {
  const auto answer = mesh.ask(question, QJsonDocument(arguments).toJson(QJsonDocument::Compact).toStdString());
  if (!answer) return fail(answer.error());
  return QJsonDocument::fromJson(QByteArray::fromStdString(*answer)).object();
}

/// As a sentence.
QString sentence(const std::string& why) {
  auto text = texts::of(why);
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text.endsWith(QLatin1Char('.')) ? text : text + QLatin1Char('.');
}

QString broken(const contract_change& change) {
  if (change.breaks_backward && change.breaks_forward) return QStringLiteral("both");
  if (change.breaks_backward) return QStringLiteral("old events");
  return change.breaks_forward ? QStringLiteral("old readers") : QStringLiteral("nobody");
}

QString orDash(const std::string& text) { return text.empty() ? QString(texts::dash) : texts::of(text); }

QString inOneLine(const std::string& text) {
  return orDash(text).trimmed().replace(QLatin1Char('\n'), QStringLiteral("; "));
}

void addRow(Operation& plan, const QStringList& cells, health tone = health::ok) {
  plan.rows << PlanRow{QString::number(plan.rows.size()), {}, cells, tone, Outcome::waiting, {}};
}

void addRows(Operation& plan, const ContractFacts& facts) {
  if (facts.diff)
    for (const auto& change : facts.diff->changes) {
      const bool breaks = change.breaks_backward || change.breaks_forward;
      addRow(
          plan,
          {texts::of(change.name), texts::of(change.what), orDash(change.before), orDash(change.after), broken(change)},
          breaks ? health::warn : health::ok);
    }
  for (const auto& field : facts.fields)
    addRow(plan, {texts::of(field.name), QStringLiteral("new"), texts::dash, texts::of(field.type), texts::dash});
  if (facts.rules != facts.held_rules) {
    const auto what = facts.rules.empty() ? "removed" : facts.held_rules.empty() ? "added" : "changed";
    addRow(plan,
           {QStringLiteral("rules"), QLatin1String(what), inOneLine(facts.held_rules), inOneLine(facts.rules),
            texts::dash},
           facts.rules.empty() ? health::warn : health::ok);
  }
  if (plan.rows.isEmpty() && !facts.id.empty())
    addRow(plan, {texts::of(facts.id).left(digitsShown), QStringLiteral("no field differs"), texts::dash, texts::dash,
                  texts::dash});
}

} // namespace

result<std::string> readContractFile(const std::string& path) {
  QFile file(texts::of(path));
  if (!file.open(QIODevice::ReadOnly)) {
    const auto code = file.exists() ? errc::io_error : errc::not_found;
    return fail(code, fmt::format("{} can't be read: {}", path, file.errorString().toStdString()));
  }
  const auto text = file.read(qint64(limits::contract_file_max) + 1);
  if (std::size_t(text.size()) > limits::contract_file_max)
    return fail(errc::too_large,
                fmt::format("{} has more than {} bytes: too large for a contract", path, limits::contract_file_max));
  return text.toStdString();
}

result<QJsonObject> readHeld(mesh_access& mesh, const std::string& topic) {
  return ask(mesh, "contracts.show", {{QStringLiteral("topic"), texts::of(topic)}});
}

ContractFacts checkContract(mesh_access& mesh, const ContractWish& wish) {
  ContractFacts facts;
  const auto take = [&](const std::string& path, std::string& text) {
    if (path.empty() || !facts.problem.empty()) return;
    auto read = readContractFile(path);
    if (read)
      text = *std::move(read);
    else
      facts.problem = read.error().message();
  };
  take(wish.schema_file, facts.schema);
  take(wish.rules_file, facts.rules);
  if (!facts.problem.empty()) return facts;
  if (const auto held = readHeld(mesh, wish.topic)) {
    facts.held = textIn(*held, "id"), facts.held_rules = textIn(*held, "rules");
    if (auto diff = compare_contracts(textIn(*held, "schema"), facts.schema)) facts.diff = *std::move(diff);
  } else if (held.error().code() == errc::not_found) {
    if (auto fields = contract_fields(facts.schema)) facts.fields = *std::move(fields);
  } else {
    facts.problem = held.error().message();
    return facts;
  }
  auto arguments = argumentsOf(facts, wish);
  arguments[QStringLiteral("dry_run")] = true;
  const auto would = ask(mesh, "contracts.add", arguments);
  if (!would) {
    facts.problem = would.error().message();
    return facts;
  }
  facts.id = textIn(*would, "id");
  facts.compatibility = textIn(*would, "compatibility"), facts.on_broken = textIn(*would, "on_broken");
  return facts;
}

Operation addContract(const ContractFacts& facts, const ContractWish& wish) {
  Operation plan;
  plan.kind = QStringLiteral("contracts.add");
  plan.of = texts::of(wish.topic);
  plan.action = QStringLiteral("Add");
  plan.title = QStringLiteral("Add a contract to ") + plan.of;
  plan.columns = {{QStringLiteral("Field"), false, -120},
                  {QStringLiteral("What"), false, -100},
                  {QStringLiteral("Now"), false, -120},
                  {QStringLiteral("New"), false, -120},
                  {QStringLiteral("Breaks"), false, 90}};
  addRows(plan, facts);
  plan.steps = {{plan.kind, argumentsOf(facts, wish), {}, {}}};
  if (!facts.problem.empty()) plan.refused = sentence(facts.problem);
  if (facts.id.empty()) return plan;
  plan.sentences << QStringLiteral("The node would take it as contract %1: it promises %2, and events that are not so "
                                   "are %3. It holds in the whole mesh, at nodes that are away once they are back.")
                        .arg(texts::of(facts.id).left(digitsShown),
                             facts.compatibility == "none"
                                 ? QStringLiteral("nothing to who reads by another version")
                                 : texts::of(facts.compatibility) + QStringLiteral(" compatibility"),
                             facts.on_broken == "quarantine" ? QStringLiteral("kept aside")
                                                             : QStringLiteral("refused"));
  if (facts.diff)
    plan.sentences << QStringLiteral("Against %1, which the topic has, its fields are: %2 compatible.")
                          .arg(texts::of(facts.held).left(digitsShown), std::string_view(verdict(*facts.diff)) == "none"
                                                                            ? QStringLiteral("not")
                                                                            : QLatin1String(verdict(*facts.diff)));
  else if (facts.held.empty())
    plan.sentences << QStringLiteral("The topic has none yet: until now its events may be anything, and those that are "
                                     "there stay as they are.");
  return plan;
}

Operation removeContract(const std::string& topic, const result<QJsonObject>& held) {
  Operation plan;
  plan.kind = QStringLiteral("contracts.remove");
  plan.of = texts::of(topic);
  plan.action = QStringLiteral("Remove");
  plan.title = QStringLiteral("Remove the contract of ") + plan.of;
  plan.columns = {{QStringLiteral("Contract"), false, -140}, {QStringLiteral("What happens"), false, -300}};
  if (!held) {
    plan.refused = sentence(held.error().message());
    return plan;
  }
  addRow(plan, {texts::of(textIn(*held, "id")).left(digitsShown),
                QStringLiteral("holds no more: the events of %1 may be anything").arg(plan.of)});
  plan.sentences << QStringLiteral("It holds in the whole mesh, at nodes that are away once they are back. What it "
                                   "promised ends, too: the next one is compared with none.")
                 << QStringLiteral("Events that are there are read by it as before.");
  plan.steps = {{plan.kind, {{QStringLiteral("topic"), plan.of}}, {}, {}}};
  return plan;
}

} // namespace weft::monitor
