#include "actors/running_node.hpp"

#include "actors/catalog_starts.hpp"
#include "actors/certificate_keeper.hpp"
#include "actors/copies.hpp"
#include "actors/copies_settings.hpp"
#include "actors/cursor_topic.hpp"
#include "actors/cut_book.hpp"
#include "actors/embedded_door.hpp"
#include "actors/identity.hpp"
#include "actors/link_gate.hpp"
#include "actors/local_admission.hpp"
#include "actors/log_policy.hpp"
#include "actors/mesh_topics.hpp"
#include "actors/peer_admission.hpp"
#include "actors/publishing.hpp"
#include "actors/takeup_desk.hpp"
#include "actors/telemetry.hpp"
#include "actors/telemetry_topics.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/base/random.hpp"
#include "mesh/security/question_proof.hpp"
#include "mesh/telemetry/frame.hpp"
#include "mesh/telemetry/rollup.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <future>
#include <map>
#include <unistd.h>

namespace weft::actors {
namespace {

constexpr std::string_view port_setting = "listen_port";
constexpr std::array own_topics{cursors_topic, cuts_topic, telemetry::topic_name, telemetry::rollup_topic_name};
constexpr std::array<std::string_view, 6> retired_topics{"_weft.nodes", "_weft.links",  "_weft.flows",
                                                         "_weft.logs",  "_weft.groups", "_weft.lag"};

std::string lock_note(const node_options& options) {
  return fmt::format("node {} of process {}", options.name, ::getpid());
}

/// "tcp://HOST:0" with the port that was chosen at the first start, so that peers find the node again.
std::string with_kept_port(const std::string& listen, catalog::setting_table& settings) {
  if (!listen.ends_with(":0")) return listen;
  const auto kept = settings.get(port_setting);
  return kept && *kept ? listen.substr(0, listen.size() - 1) + **kept : listen;
}

/// What other nodes dial: as advertised, or where the node listens; port 0 is the one that it listens at.
std::vector<std::string> addresses_of(std::vector<std::string> advertised, const std::string& listening) {
  if (listening.empty()) return {};
  if (advertised.empty()) return {listening};
  for (auto& address : advertised)
    if (address.ends_with(":0")) address.replace(address.size() - 2, 2, listening.substr(listening.rfind(':')));
  return advertised;
}

} // namespace

/// In the order of construction; destroyed in reverse.
class running_node::parts {
public:
  parts(const node_options& given, diagnostics& to) : options(given), paths(given.data_dir), diagnostics_to(to) {}
  ~parts() { stop(); }

  result<void> open();
  void stop();

  node_options options;
  node_paths paths;
  diagnostics& diagnostics_to;
  std::unique_ptr<file_lock> lock;
  std::unique_ptr<actors::identity> identity;
  std::unique_ptr<security::current_chain> chain; // the identity's, renewed
  std::stop_source stopping;
  std::unique_ptr<catalog::catalog> catalog;
  std::unique_ptr<issuing_desk> desk; // of an issuer
  std::unique_ptr<catalog_starts> starts;
  node::synced_signal synced;
  node::room_signal room;
  node::topic_names topics;
  node::flow_board flows;
  node::level_gate levels;
  node::copy_board copies_board;
  std::unique_ptr<lease_book> leases;
  std::unique_ptr<log::node_log> log;
  std::unique_ptr<port::system> system;
  std::unique_ptr<node_services> services;
  router_ref router;
  std::unique_ptr<link_gate> gate;
  std::unique_ptr<transport::transport> transport;

private:
  result<std::uint32_t> epochs_heard_of(const std::vector<std::pair<topic_id, log::topic_start>>& known);
  result<void> open_log();
  result<void> restore_topics();
  result<void> begin_retention();
  result<void> make_own_topics();
  result<void> start_actors();
  result<void> restore_numbers();
  void keep_certificate();
  result<void> start_links();
  [[nodiscard]] std::vector<membership::contact> seeds() const;
  std::function<std::unique_ptr<admission>()> admission_for(const transport::link_info& link);
  [[nodiscard]] result<void> note_left_epochs();
  void report_recovery();

  log_id own_log() const { return {identity->credentials.keys.id(), 0}; }
};

result<void> running_node::parts::open() {
  auto& disk = os_disk();
  if (auto named = check_node_name(options.name); !named) return named;
  if (auto made = disk.make_directories(paths.root); !made) return made;
  auto locked = disk.lock(paths.lock(), lock_note(options));
  if (!locked) return fail(std::move(locked.error()));
  lock = std::move(*locked);

  const bool has_log = disk.exists(paths.log());
  auto who =
      establish_identity(disk, os_random(), system_clock(),
                         {paths.keys(), options.name, options.invitation, options.seeds, has_log}, diagnostics_to);
  if (!who) return fail(std::move(who.error()));
  identity = std::make_unique<actors::identity>(std::move(*who));
  chain = std::make_unique<security::current_chain>(identity->credentials.chain);

  auto opened = catalog::catalog::open(paths.root);
  if (!opened) return fail(std::move(opened.error()));
  catalog = std::move(*opened);
  if (!catalog->damage().empty()) diagnostics_to.warning(catalog->damage());
  if (identity->known && (!has_log || catalog->origin() != catalog::catalog_origin::existing))
    if (auto kept = catalog->settings().set(copies_stay_setting, "lost"); !kept) return kept;

  if (identity->credentials.chain.node.roles.has(security::role::issuer))
    desk = std::make_unique<issuing_desk>(os_disk(), paths.keys(), identity->credentials, *catalog);
  if (auto done = open_log(); !done) return done;
  if (auto done = restore_topics(); !done) return done;
  if (auto done = make_own_topics(); !done) return done;
  if (auto started = start_actors(); !started) return started;
  if (auto known = restore_numbers(); !known) return known;
  if (auto started = start_links(); !started) return started;
  keep_certificate();
  return {};
}

/// The highest count of an epoch of the own log that the catalog has heard of: a log from a backup is older, and one
/// that was lost knows nothing. No position may come again.
result<std::uint32_t>
running_node::parts::epochs_heard_of(const std::vector<std::pair<topic_id, log::topic_start>>& known) {
  const auto cursors = catalog->cursors().list();
  if (!cursors) return fail(cursors.error());
  const auto groups = catalog->groups().list();
  if (!groups) return fail(groups.error());
  std::uint32_t count = 0;
  for (const auto& cursor : *cursors)
    if (cursor.log == own_log()) count = std::max(count, cursor.until.epoch.count());
  for (const auto& group : *groups)
    if (group.log == own_log()) count = std::max(count, group.reached.epoch.count());
  for (const auto& [topic, start] : known)
    count = std::max(count, start.at.epoch.count());
  for (const auto& [topic, reached] : kept_reached(catalog->settings()))
    count = std::max(count, reached.epoch.count());
  return count;
}

result<void> running_node::parts::open_log() {
  starts = std::make_unique<catalog_starts>(catalog->starts(), own_log());
  auto known = starts->all();
  if (!known) return fail(std::move(known.error()));
  const auto heard_of = epochs_heard_of(*known);
  if (!heard_of) return fail(heard_of.error());
  log::log_options wanted;
  wanted.epoch_above = *heard_of;
  wanted.directory = paths.log();
  wanted.id = own_log();
  wanted.segment_bytes = options.segment_bytes / 8 * 8; // whole words, as entries are
  wanted.tail_cache_bytes = options.tail_cache_bytes;
  wanted.commit_queue_bytes = options.commit_queue_bytes;
  wanted.written_sync_within = options.written_sync_within;
  leases =
      std::make_unique<lease_book>(delivery::lease_terms{options.settings.lease_time, options.settings.lease_bytes},
                                   lease_book::surroundings{topics, diagnostics_to, system_clock(), options.name});
  auto opened = log::node_log::open({os_disk(), system_clock(), os_random(), *starts, leases.get()}, wanted, *known);
  if (!opened) return fail(std::move(opened.error()));
  log = std::move(*opened);
  report_recovery();
  log->on_synced([this](seq end) { synced.raise(end); });
  log->on_room([this] { room.raise(); });
  log->on_health([this](const log::log_health& health) {
    if (health.frozen)
      diagnostics_to.error(fmt::format("the log takes no writes: {}", health.why));
    else
      diagnostics_to.info("the log takes writes again");
    room.raise();
    if (services) services->membership.look_at_facts();
  });
  synced.raise(log->state().synced_end);
  return note_left_epochs();
}

/// A catalog that is new does not know which epochs the log has left: any of them may be.
result<void> running_node::parts::note_left_epochs() {
  if (catalog->origin() == catalog::catalog_origin::existing) return {};
  std::set<epoch> left;
  for (const auto& each : log->closed_epochs())
    left.insert(each.epoch);
  return left.empty() ? result<void>() : add_left_epochs(catalog->settings(), left);
}

void running_node::parts::report_recovery() {
  const auto& found = log->recovered();
  if (found.torn_entries > 0 || found.torn_bytes > 0)
    diagnostics_to.info(
        fmt::format("cut a torn tail of {} bytes: it was never acknowledged as synced", found.torn_bytes));
  for (const auto& item : found.quarantined)
    diagnostics_to.error(fmt::format("{} is damaged at byte {} ({}): seq {} to {} can't be read; the rest is served",
                                     item.file, item.offset, item.what, item.from.value(), item.until.value()));
  for (const auto& file : found.set_aside)
    diagnostics_to.error(fmt::format("set aside {}: it is not of this log", file));
}

result<void> running_node::parts::restore_topics() {
  std::vector<catalog::logged_topic> logged;
  for (const auto& topic : log->topics())
    if (!topic.name.empty()) logged.push_back({topic.topic, topic.name}); // without: its start is all the log knows
  const auto added = catalog->topics().restore(logged, options.settings.new_topics, system_clock().wall());
  if (!added) return fail(added.error());
  if (*added > 0)
    diagnostics_to.warning(fmt::format("{} topics were in the log and not in the catalog: restored", *added));
  const auto all = catalog->topics().list();
  if (!all) return fail(all.error());
  for (const auto& topic : *all)
    topics.set(topic.name, topic.id, publishing_of(topic.name, topic.settings));
  return {};
}

/// When cursors are known: before it nothing goes that they hold back, and after it topics may change.
result<void> running_node::parts::begin_retention() {
  const auto all = catalog->topics().list();
  if (!all) return fail(all.error());
  for (const auto& topic : *all)
    if (topic.name == cursors_topic)
      log->set_policy(topic.id, {limits::cursors_kept_time, limits::cursors_kept_bytes});
    else if (!is_reserved_topic(topic.name))
      log->set_policy(topic.id, log_policy_of(topic.settings));
  const auto& kept = options.settings;
  const auto keep = [this](std::string_view name, const log::topic_policy& how) {
    if (const auto known = topics.find(name)) log->set_policy(known->id, how);
  };
  keep(telemetry::topic_name, {kept.telemetry_keep_time, kept.telemetry_keep_bytes});
  keep(telemetry::rollup_topic_name, {kept.rollup_keep_time, kept.rollup_keep_bytes});
  keep(telemetry::view_topic_of(identity->credentials.chain.node.name),
       {limits::telemetry_view_keep_time, limits::telemetry_view_keep_bytes});
  for (const auto name : retired_topics) // of a directory that an earlier version made
    if (const auto old = topics.find(name)) log->set_policy(old->id, {options.settings.telemetry_keep_time, 0});
  return {};
}

result<void> running_node::parts::make_own_topics() {
  std::vector<std::string> names(own_topics.begin(), own_topics.end());
  names.push_back(telemetry::view_topic_of(identity->credentials.chain.node.name));
  for (const auto& name : names) {
    if (topics.find(name)) continue;
    const auto made = catalog->topics().create(name, {}, system_clock().wall());
    if (!made) return fail(made.error());
    topics.set(made->name, made->id, publishing_of(made->name, made->settings));
  }
  for (const auto name : telemetry_topics()) {
    const auto& by = *own_contract_of(name);
    if (auto kept = catalog->contracts().keep({std::string(name), by.id(), system_clock().wall(), by.text()}); !kept)
      return kept;
  }
  return {};
}

result<void> running_node::parts::start_actors() {
  const auto& certificate = identity->credentials.chain.node;
  system = std::make_unique<port::system>(options.scheduler_threads);
  // NOLINTNEXTLINE(modernize-make-unique): an aggregate that can't be moved
  services.reset(new node_services{.clock = system_clock(),
                                   .to = diagnostics_to,
                                   .system = *system,
                                   .supervisor = supervisor_ref::start(*system, diagnostics_to),
                                   .facts = {identity->credentials.keys.id(), certificate.name, certificate.number,
                                             identity->credentials.chain.node.mesh, log->state().epoch},
                                   .own_log = own_log(),
                                   .settings = options.settings,
                                   .addresses = {},
                                   .log = *log,
                                   .catalog = *catalog,
                                   .desk = desk.get(),
                                   .synced = synced,
                                   .room = room,
                                   .topics = topics,
                                   .flows = flows,
                                   .gate = levels,
                                   .copies_board = copies_board,
                                   .leases = *leases,
                                   .readers = {},
                                   .keeper = {},
                                   .telemetry = {},
                                   .membership = membership_ref::reserve(*system)});
  services->roles = certificate.roles;
  services->zone = options.zone;
  services->data_dir = options.data_dir;
  services->want_link = [to = services->membership](const node_id& node) { to.need_link(node); };
  services->release_link = [to = services->membership](const node_id& node) { to.release_link(node); };
  services->stop_node = options.on_left;
  services->prove_question = [this](const node_id& of, const std::string& what, const std::string& arguments) {
    return security::prove_question({of, what, arguments}, identity->credentials.keys, *chain->get(),
                                    system_clock().wall(), os_random());
  };
  services->judge_question =
      [judge = security::question_judge(certificate.mesh, system_clock().wall()),
       self = identity->credentials.keys.id()](const wire::query& asked) mutable -> result<std::string> {
    const auto who = judge.judge({self, asked.what, asked.arguments}, as_bytes(asked.proof), system_clock().wall());
    if (!who) return fail(who.error());
    return who->name;
  };
  auto cursors = std::make_shared<cursor_book>(*services);
  const auto names_known = cursors->load(catalog->origin() == catalog::catalog_origin::replaced);
  if (!names_known)
    diagnostics_to.error(fmt::format("named subscriptions start anew: {}", names_known.error().message()));
  auto groups = std::make_shared<group_book>(*services);
  const auto groups_known = groups->load(catalog->origin() == catalog::catalog_origin::replaced);
  if (!groups_known) diagnostics_to.error(fmt::format("groups start anew: {}", groups_known.error().message()));
  auto takeups = std::make_shared<takeup_desk>(*services, groups);
  if (const auto known = takeups->load(catalog->origin() == catalog::catalog_origin::replaced); !known)
    diagnostics_to.error(fmt::format("what groups did at copies here is not known: {}", known.error().message()));
  const topic_author author{identity->credentials.keys, *chain};
  auto cuts = std::make_shared<cut_book>(*services, author);
  const auto cuts_known = cuts->load();
  if (!cuts_known) diagnostics_to.error(fmt::format("cuts can't be read: {}", cuts_known.error().message()));
  if (names_known && groups_known && cuts_known) {
    if (auto done = begin_retention(); !done) return done;
  } else {
    diagnostics_to.error("what is in the log stays there until the next start, as it is not known who still needs it");
  }
  services->readers = log_reader_ref::start(*system, services->supervisor, *log, limits::log_reader_threads);
  router = router_ref::start(*services);
  services->list_links = [to = router](reply<std::string> answer) { to.links(std::move(answer)); };
  services->copies = copies_ref::start(*services, router, paths.log());
  topics.on_change([to = services->copies] { to.look_at_topics(); });
  services->topic_changed = [to = services->copies](const wire::topic_record& record) {
    to.topic(record.topic, record.deleted ? 0 : record.settings.replicas);
  };
  services->keeper = log_keeper_ref::start(*services, std::move(cursors), std::move(groups), std::move(cuts),
                                           std::move(takeups), author);
  services->telemetry = telemetry_ref::start(*services); // it asks all others
  return {};
}

/// Last of what is restored: from here on a catalog that replaced a damaged one counts as whole.
result<void> running_node::parts::restore_numbers() {
  if (!desk) return catalog->numbers().used_up_to(0); // it never gave one
  const auto problem = desk->restore_numbers(catalog->origin() == catalog::catalog_origin::made);
  if (!problem) return fail(problem.error());
  if (!problem->empty()) diagnostics_to.error(*problem);
  return {};
}

void running_node::parts::keep_certificate() {
  start_certificate_keeper(*services, {*chain, os_random(),
                                       [this](const auto& old) {
                                         return renewed_chain(*identity, old, os_random(), services->clock,
                                                              stopping.get_token());
                                       },
                                       [this](const auto& renewed) -> result<void> {
                                         auto saved = security::save_chain(os_disk(), paths.keys(), renewed);
                                         if (saved && desk) desk->renewed(renewed);
                                         if (saved) services->membership.renewed(renewed);
                                         return saved;
                                       }});
}

result<void> running_node::parts::start_links() {
  gate = std::make_unique<link_gate>(*services, router, [this](const auto& link) { return admission_for(link); });
  transport::transport_options wanted;
  if (options.listen) wanted.listen = with_kept_port(*options.listen, catalog->settings());
  wanted.local_socket = paths.socket();
  wanted.public_key = identity->credentials.keys.curve().bytes();
  wanted.secret_key = identity->credentials.keys.curve_secret().reveal();
  wanted.heartbeat_interval = options.heartbeat_interval;
  wanted.heartbeat_timeout = options.heartbeat_timeout;
  wanted.handshake_within = options.handshake_within;
  wanted.encrypt = options.encrypt;
  auto started = gate->start(wanted);
  if (!started) return fail(std::move(started.error()));
  transport = std::move(*started);
  services->addresses = addresses_of(options.advertise, transport->address());
  if (options.listen && options.listen->ends_with(":0")) {
    const auto& chosen = transport->address();
    if (const auto kept = catalog->settings().set(port_setting, chosen.substr(chosen.rfind(':') + 1)); !kept)
      diagnostics_to.warning(fmt::format("the port is not kept for the next start: {}", kept.error().message()));
  }
  services->membership.start(*services, router,
                             {identity->credentials.keys, *chain->get(), seeds(), options.zone, *transport});
  return {};
}

/// One contact a node, with its addresses.
std::vector<membership::contact> running_node::parts::seeds() const {
  std::map<security::curve_key, membership::contact> contacts;
  for (const auto& seed : identity->seeds) {
    auto& known = contacts[seed.key];
    known.key = seed.key.bytes();
    if (std::ranges::find(known.addresses, seed.address) == known.addresses.end())
      known.addresses.push_back(seed.address);
  }
  std::vector<membership::contact> all;
  all.reserve(contacts.size());
  for (auto& [key, contact] : contacts)
    all.push_back(std::move(contact));
  return all;
}

std::function<std::unique_ptr<admission>()> running_node::parts::admission_for(const transport::link_info& link) {
  if (link.kind == transport::link_kind::local)
    return [this] { return std::make_unique<local_admission>(services->facts, services->clock); };
  return [this, link] {
    return std::make_unique<peer_admission>(*services, identity->credentials.keys, *chain->get(), desk.get(), link);
  };
}

void running_node::parts::stop() {
  stopping.request_stop();
  if (services) {
    std::promise<void> ended;
    services->supervisor.stop([&] { ended.set_value(); });
    ended.get_future().wait();
  }
  transport.reset();
  gate.reset();
  log.reset();
  services.reset();
  system.reset();
  catalog.reset();
  lock.reset();
}

running_node::running_node(std::unique_ptr<parts> with) noexcept : parts_(std::move(with)) {}
running_node::~running_node() = default;

result<std::unique_ptr<running_node>> running_node::start(const node_options& options, diagnostics& to) {
  auto made = std::make_unique<parts>(options, to);
  if (auto opened = made->open(); !opened)
    return fail(opened.error().within(fmt::format("node {} in {}", options.name, options.data_dir)));
  return std::unique_ptr<running_node>(new running_node(std::move(made)));
}

std::string running_node::address() const {
  const auto& all = parts_->services->addresses;
  return all.empty() ? std::string() : all.front();
}
const node::node_facts& running_node::facts() const noexcept { return parts_->services->facts; }
log::node_log& running_node::log() noexcept { return *parts_->log; }
const router_ref& running_node::router() const noexcept { return parts_->router; }

std::shared_ptr<node::door> running_node::open_door(node::visitor& to, const std::string& program) {
  return embedded_door::open(*parts_->services, parts_->router, to, program);
}

void running_node::close_door(const std::shared_ptr<node::door>& door) {
  std::static_pointer_cast<embedded_door>(door)->close();
}

void running_node::stop() { parts_->stop(); }

std::size_t running_node::crash_actors(std::string_view kind) {
  std::promise<std::size_t> crashed;
  parts_->services->supervisor.crash_all(kind, [&](std::size_t count) { crashed.set_value(count); });
  return crashed.get_future().get();
}

} // namespace weft::actors
