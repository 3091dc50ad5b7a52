#include "actors/mesh_desk.hpp"

#include "actors/mesh_answer.hpp"
#include "actors/node_services.hpp"
#include "actors/queries.hpp"
#include "actors/question_rights.hpp"
#include "mesh/base/position.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

/// A member of the mesh, as the membership shows it.
struct asked_node {
  node_id id;
  std::string name, state;
  wall_time since; ///< of its state
  bool self = false;
  std::string arguments; ///< of the question to it
  bool named = false;    ///< they have places in its log
};

/// Those that have not left, this node first, then by name.
std::vector<asked_node> members_in(const std::string& document) {
  std::vector<asked_node> nodes;
  const auto all = json::parse(document, nullptr, false);
  for (const auto& row : all.value("nodes", json::array())) {
    const auto id = from_hex(row.value("id", std::string()));
    if (!id || row.value("state", std::string()) == "left") continue;
    nodes.push_back({node_id{*id},
                     row.value("name", std::string()),
                     row.value("state", std::string()),
                     {row.value("since_us", std::int64_t{0})},
                     row.value("self", false),
                     {},
                     false});
  }
  std::ranges::sort(nodes, {}, [](const auto& node) { return std::tuple(!node.self, node.name); });
  return nodes;
}

/// Positions in the arguments, by the names of their nodes. @error errc::invalid_name, errc::invalid_argument
result<std::map<std::string, json>> places_in(const json& asked) {
  std::map<std::string, json> places;
  const auto to = asked.value("to", json());
  if (to.is_object() && to.value("kind", json()) == "position") {
    const auto text = to.value("position", json());
    const auto at = parse_position(text.is_string() ? text.get<std::string>() : std::string());
    if (!at) return fail(at.error());
    places.emplace(at->node, asked);
  }
  std::map<std::string, json> listed; // the positions of each
  const auto list = asked.value("positions", json());
  for (const auto& item : list.is_array() ? list : json::array()) {
    const auto at = parse_position(item.is_string() ? item.get<std::string>() : std::string());
    if (!at) return fail(at.error());
    listed[at->node].push_back(item);
  }
  for (auto& [node, positions] : listed)
    places.insert_or_assign(node, asked).first->second["positions"] = std::move(positions);
  return places;
}

/// Which nodes are asked what.
result<std::vector<asked_node>> whom_to_ask(std::vector<asked_node> nodes, const std::string& arguments) {
  const auto asked = json::parse(arguments, nullptr, false);
  for (auto& node : nodes)
    node.arguments = arguments;
  if (!asked.is_object()) return nodes;
  auto places = places_in(asked);
  if (!places) return fail(places.error());
  if (places->empty()) return nodes;
  std::erase_if(nodes, [&](auto& node) {
    const auto place = places->extract(node.name);
    if (!place) return true;
    node.arguments = place.mapped().dump();
    node.named = true;
    return false;
  });
  if (!places->empty())
    return fail(errc::not_found, fmt::format("no node of this mesh has the name {}", places->begin()->first));
  return nodes;
}

/// One question to all nodes, so many at a time.
class gathering : public std::enable_shared_from_this<gathering> {
public:
  gathering(node_services& services, router_ref router, std::string what, std::vector<asked_node> nodes,
            reply<std::string> to)
      : services_(services),
        router_(std::move(router)),
        what_(std::move(what)),
        changes_(right_to_ask(what_) == question_right::admin),
        nodes_(std::move(nodes)),
        to_(std::move(to)),
        ask_until_(services.clock.mono() + (limits::mesh_question_within - limits::question_within)) {
    for (const auto& node : nodes_)
      answers_.push_back({node.name, fail(errc::cancelled, "it was not asked"), {}, {}, node.named});
  }

  /// Asks the first ones; each answer asks the next.
  void begin() {
    open_ = nodes_.size();
    if (open_ == 0) return finish();
    for (std::size_t i = 0; i < limits::questions_at_once; ++i)
      ask_next();
  }

private:
  void ask_next() {
    while (const auto place = take()) {
      const auto& node = nodes_[*place];
      if (const auto why = why_not(node)) {
        settle(*place, fail(*why));
        continue;
      }
      const reply<std::string> answer([self = shared_from_this(), place = *place](result<std::string> document) {
        self->settle(place, std::move(document));
        self->ask_next();
      });
      if (node.self) return answer_query(services_, router_, {0, what_, node.arguments}, answer);
      return router_.ask_node({node.id, what_, node.arguments, changes_}, answer);
    }
  }
  /// The next one that nobody has asked.
  std::optional<std::size_t> take() {
    const std::lock_guard held{mutex_};
    return next_ == nodes_.size() ? std::nullopt : std::optional(next_++);
  }
  [[nodiscard]] std::optional<error> why_not(const asked_node& node) const {
    if (node.state == "dead") return error(errc::no_route, "it is dead");
    if (services_.clock.mono() < ask_until_ || node.self) return std::nullopt;
    return error(errc::timed_out, "others took so long that it was not asked");
  }

  void settle(std::size_t place, result<std::string> document) {
    bool all = false;
    {
      const std::lock_guard held{mutex_};
      if (document) bytes_ += document->size();
      if (document && bytes_ > limits::answer_bytes_max) {
        bytes_ -= document->size();
        document =
            fail(errc::too_large, fmt::format("the answers of all nodes have more than {} bytes: ask at that node",
                                              limits::answer_bytes_max));
      }
      answers_[place].document = std::move(document);
      all = --open_ == 0;
    }
    if (all) finish();
  }

  /// On a reader's thread: the documents may be large.
  void finish() {
    services_.readers.run([self = shared_from_this()](log::node_log&) {
      for (std::size_t place = 0; place < self->nodes_.size(); ++place)
        self->remember(self->nodes_[place], self->answers_[place]);
      self->to_(mesh_answer(self->what_, std::move(self->answers_)));
    });
  }

  /// What it said is kept for later, or what it said before is said instead.
  void remember(const asked_node& node, node_answer& answer) {
    if (changes_ || node.self) return;
    auto& kept = services_.answers;
    if (answer.document) return kept.keep(node.id, what_, node.arguments, {*answer.document, services_.clock.wall()});
    if (answer.document.error().code() == errc::not_found) return kept.forget(node.id, what_, node.arguments);
    if (node.state != "alive") answer.unknown_since = node.since;
    if (auto before = kept.find(node.id, what_, node.arguments)) {
      answer.last_document = std::move(before->document);
      answer.unknown_since = before->at;
    }
  }

  node_services& services_;
  const router_ref router_;
  const std::string what_;
  const bool changes_;
  const std::vector<asked_node> nodes_;
  const reply<std::string> to_;
  const mono_time ask_until_;
  std::mutex mutex_;
  std::vector<node_answer> answers_; // in the order of the nodes
  std::size_t next_ = 0, open_ = 0, bytes_ = 0;
};

} // namespace

void answer_mesh_query(node_services& services, const router_ref& router, const std::string& what,
                       const std::string& arguments, const reply<std::string>& to) {
  if (right_to_ask(what) == question_right::own_user)
    return to(fail(errc::unsupported, fmt::format("'{}' is no question to the whole mesh", what)));
  services.membership.nodes(reply<std::string>([&services, router, what, arguments, to](auto document) {
    if (!document) return to(fail(document.error()));
    services.readers.run([&services, router, what, arguments, to, members = std::move(*document)](log::node_log&) {
      auto nodes = whom_to_ask(members_in(members), arguments);
      if (!nodes) return to(fail(nodes.error()));
      std::make_shared<gathering>(services, router, what, std::move(*nodes), to)->begin();
    });
  }));
}

} // namespace weft::actors
