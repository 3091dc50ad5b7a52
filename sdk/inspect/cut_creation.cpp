#include "sdk/inspect/cut_creation.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/delivery/cut_making.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>
#include <limits>
#include <set>

namespace weft::inspect {
namespace {

using delivery::cut_making;

constexpr auto look_every = std::chrono::milliseconds(100);
constexpr std::size_t batch_events = 1024;

/// Those of the mesh that have not left, by whether there is a hope that they answer.
struct mesh_nodes {
  std::vector<std::string> here, away;
};

result<mesh_nodes> nodes_of(client& node) {
  const auto answer = node.query("nodes", "{}");
  if (!answer) return fail(answer.error());
  const auto document = json_document::parse(as_bytes(*answer));
  if (!document) return fail(document.error());
  const auto rows = document->root().find("nodes");
  mesh_nodes all;
  for (std::size_t i = 0; rows && i < rows->size(); ++i) {
    const auto name = rows->at(i).find("name");
    const auto state = rows->at(i).find("state");
    const auto roles = rows->at(i).find("roles");
    if (!name || !state || state->text() == "left") continue;
    if (roles && roles->text() == "observer") continue; // nobody reads its log, so no cut waits for it
    auto& list = state->text() == "dead" ? all.away : all.here;
    list.emplace_back(name->text().value_or(""));
  }
  return all;
}

/// Drives the making of one cut.
class creation {
public:
  creation(client& node, const cut_wish& wish, const mesh_nodes& nodes)
      : node_(node), wish_(wish), making_(nodes.here, nodes.away) {
    if (wish.at) making_.place_at(*wish.at);
  }

  result<std::string> run();

private:
  [[nodiscard]] result<std::string> ask() const;
  [[nodiscard]] std::set<std::string> lacking() const;
  [[nodiscard]] result<std::string> make() const;
  [[nodiscard]] result<void> hear(subscription& from, cut_making::phase until);
  void take(const event& answer);

  client& node_;
  const cut_wish& wish_;
  cut_making making_;
  std::string id_;
};

std::string id_in(const std::string& document) {
  const auto parsed = json_document::parse(as_bytes(document));
  const auto id = parsed ? parsed->root().find("id") : std::nullopt;
  return id ? std::string(id->text().value_or("")) : std::string();
}

result<std::string> creation::ask() const {
  std::string arguments;
  json_writer json{arguments};
  json.begin_object();
  json.name("name");
  json.text(wish_.name);
  json.name("pattern");
  json.text(wish_.pattern);
  if (wish_.lease) {
    json.name("lease");
    json.number(std::chrono::duration<double>(*wish_.lease).count());
  }
  json.end_object();
  return node_.query("cuts.ask", arguments);
}

/// Who has not promised: if this ends before they do, the cut says so.
std::set<std::string> creation::lacking() const {
  auto names = making_.absent();
  names.insert(making_.awaited().begin(), making_.awaited().end());
  return names;
}

result<std::string> creation::make() const {
  std::string arguments;
  json_writer json{arguments};
  json.begin_object();
  json.name("name");
  json.text(wish_.name);
  json.name("id");
  json.text(id_);
  json.name("bound_us");
  json.integer(making_.bound().us);
  json.name("absent");
  json.begin_array();
  std::size_t named = 0;
  for (const auto& name : lacking())
    if (named++ < limits::cut_absent_max) json.text(name);
  json.end_array();
  json.name("absent_more");
  json.integer(static_cast<std::int64_t>(named - std::min(named, limits::cut_absent_max)));
  json.end_object();
  return node_.query("cuts.make", arguments);
}

/// Waits for the answers of one question.
result<void> creation::hear(subscription& from, cut_making::phase until) {
  const auto end = std::chrono::steady_clock::now() + wish_.answers_within;
  while (making_.at() < until) {
    const auto came = from.poll_batch(batch_events, look_every);
    if (!came) return fail(came.error());
    for (const auto& answer : *came)
      take(answer);
    if (std::chrono::steady_clock::now() > end) making_.give_up();
  }
  return {};
}

/// An answer is what its own log has, whatever its value says: nobody answers for another node.
void creation::take(const event& answer) {
  const auto document = json_document::parse(answer.value());
  const auto id = document ? document->root().find("id") : std::nullopt;
  const auto bound = document ? document->root().find("bound_us") : std::nullopt;
  if (!id || !bound || id->text() != id_) return;
  std::optional<wall_time> at;
  if (!bound->is_null()) at = wall_time{bound->integer(0, std::numeric_limits<std::int64_t>::max()).value_or(0)};
  making_.answered(std::string(answer.node), answer.logged_at, at, system_clock().wall());
}

result<std::string> creation::run() {
  subscription_options options;
  // Answers are read however far the clocks of their logs are behind.
  options.from = system_clock().wall() - microseconds(2 * limits::hlc_lead_max);
  options.key = wish_.name;
  options.synced = true;
  auto answers = node_.subscribe("_weft.cuts", options);
  if (!answers) return fail(answers.error());
  auto asked = ask();
  if (!asked) return asked;
  id_ = id_in(*asked);
  if (auto done = hear(*answers, cut_making::phase::placed); !done) return fail(std::move(done.error()));
  if (making_.at() == cut_making::phase::done)
    return fail(errc::not_connected, fmt::format("no log answered within {} s; cut {} stays asked for, and `weft cuts "
                                                 "delete {}` takes it away",
                                                 wish_.answers_within.count(), wish_.name, wish_.name));
  auto made = make();
  if (!made) return made;
  const auto named = lacking();
  if (auto done = hear(*answers, cut_making::phase::done); !done) return fail(std::move(done.error()));
  return lacking() == named ? made : make();
}

} // namespace

result<std::string> create_cut(client& node, const cut_wish& wish) {
  const auto nodes = nodes_of(node);
  if (!nodes) return fail(nodes.error());
  return creation(node, wish, *nodes).run();
}

} // namespace weft::inspect
