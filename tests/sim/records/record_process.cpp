#include "tests/sim/records/record_process.hpp"

#include "tests/sim/membership/item_file.hpp"

namespace weft::sim {
namespace {

const std::string file_name = "topics";

} // namespace

record_process::record_process(environment& around, std::string_view bug)
    : member_process(around),
      authority_(around.identity()),
      topics_(authority_, around.identity()),
      dated_for_good_(bug == "records_dated_for_good") {}

void record_process::on_start() {
  for (const auto& item : load_items(around().disk(), file_name))
    static_cast<void>(topics_.take(item, around().identity(), now()));
  static_cast<void>(topics_.take_events());
  member_process::on_start();
}

void record_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  member_process::on_frame(link, control, payload);
  look_at_news();
}

void record_process::on_timer() {
  member_process::on_timer();
  if (!member() || dated_for_good_ || now().mono - dates_looked_at_ < microseconds(limits::members_look_every)) return;
  dates_looked_at_ = now().mono;
  for (const auto& wanted : topics_.dated_ahead(now().wall))
    static_cast<void>(decide(wanted));
}

std::optional<wire::item_version> record_process::decide(const membership::topic_decision& wanted) {
  if (!member()) return std::nullopt;
  const auto item = topics_.decide(wanted, certificate(), now().wall);
  if (!item || !save(&*item)) return std::nullopt;
  feed(membership_t::in::publish{{*item}});
  look_at_news();
  return wire::version_of(wire::decode_topic_record(item->bytes).value());
}

/// All that is held, with what was decided instead of what it beats.
result<void> record_process::save(const wire::item* decided) const {
  std::vector<wire::item> all;
  for (const auto& [topic, held] : topics_.all())
    all.push_back(held.item);
  if (decided != nullptr) all.push_back(*decided);
  return save_items(around().disk(), file_name, all);
}

/// Losing it costs another comparison with somebody.
void record_process::look_at_news() {
  if (!topics_.take_events().empty()) static_cast<void>(save(nullptr));
}

} // namespace weft::sim
