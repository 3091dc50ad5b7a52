// tests/fuzz/log/segment_fuzz.cpp: any bytes as a segment file of a log that is otherwise well-formed, and as its index
// file: the log opens or says why not, serves nothing that is not in its files, deletes nothing that it did not
// understand, loses nothing of the other segments, and serves the same when it is opened again.
// Input: two bytes of choices, the length of the index (2, little-endian) when there is one, the index, the segment.
// With WEFT_PLANTED_BUG the checksums of entries are made right before the log sees them, as if it did not look.
#include "mesh/log/dump.hpp"
#include "mesh/log/verify.hpp"
#include "tests/fuzz/log/fuzz_log.hpp"
#include "tests/fuzz/log/restamp.hpp"
#include "tests/fuzz/wire/read_everything.hpp"

namespace {

using namespace weft;
using namespace weft::log;

using bytes = std::vector<std::byte>;
using contents = std::map<std::string, bytes>;

constexpr std::string_view directory = "log";

enum class index_choice : std::uint8_t { none, genuine, any, any_restamped };

/// What the first two bytes say.
struct choices {
  behind next = behind::nothing;
  before first = before::nothing;
  index_choice index = index_choice::none;
  bool restamp = false;
  bool missing = false; ///< no segment file, whatever the index
  bool forget = false;  ///< retention goes over the log in the end
  bool untidy = false;  ///< files lie about that a log does not have, or has for a moment only
};
choices choices_of(std::uint8_t low, std::uint8_t high) {
  constexpr std::array befores{before::nothing, before::segment, before::cleaned, before::segment};
  return {static_cast<behind>(low & 3U),
          befores.at(low >> 2U & 3U),
          static_cast<index_choice>(low >> 4U & 3U),
          (low & 64U) != 0,
          (high & 1U) != 0,
          (high & 2U) != 0,
          (high & 4U) != 0};
}

contents files_of(const virtual_disk& disk) {
  contents all;
  for (const auto& path : disk.files())
    all[path] = *disk.content(path);
  return all;
}

/// One input: the log as it is found, and what its segment files hold.
struct found_log {
  choices chosen;
  fuzz_machine machine;
  contents files; ///< before anything is opened

  /// An index whose checksums are right says what it likes: what is found by its lists may be passed over without it.
  [[nodiscard]] bool may_lie() const { return chosen.index == index_choice::any_restamped; }

  static found_log from(byte_view input) {
    found_log made;
    made.chosen = choices_of(std::to_integer<std::uint8_t>(input[0]), std::to_integer<std::uint8_t>(input[1]));
    input = input.subspan(2);
    const auto& known = fuzz_log::instance();
    made.machine = known.without_segment(made.chosen.first, made.chosen.next);
    made.put_index(input);
    if (!made.chosen.missing) made.put_segment(input);
    if (made.chosen.untidy) made.put_strays();
    made.files = files_of(made.machine.disk());
#ifdef WEFT_PLANTED_BUG
    made.trust_entries();
#endif
    return made;
  }

private:
  void put_index(byte_view& input) {
    const auto& known = fuzz_log::instance();
    if (chosen.index == index_choice::none) return;
    auto index = known.index();
    if (chosen.index != index_choice::genuine) {
      if (input.size() < 2) return;
      const auto length = std::min<std::size_t>(wire::load_le<std::uint16_t>(input.data()), input.size() - 2);
      const auto part = input.subspan(2, length);
      index.assign(part.begin(), part.end());
      input = input.subspan(2 + length);
    }
    if (chosen.index == index_choice::any_restamped) restamp_index(index);
    machine.disk().restore(index_path_of(known.path()), index);
  }

  void put_segment(byte_view input) {
    bytes segment(input.begin(), input.end());
    if (chosen.restamp) restamp_segment(segment, seed());
    machine.disk().restore(fuzz_log::instance().path(), segment);
  }

  void put_strays() {
    const auto epoch = parent_directory(fuzz_log::instance().path());
    const auto log = parent_directory(epoch);
    const auto first = epoch + "/00000000000000000001";
    for (const auto& path :
         {first + ".idx", first + ".seg.new", epoch + "/0000000000000000000x.seg", epoch + "/99999999999999999999.seg",
          epoch + "/xxxxxxxxxxxxxxxxxxxx.seg", epoch + "/spare-1.zero", log + "/note", log + "/01-2/note",
          log + "/x/note", std::string("log/note"), std::string("log/x/note"), std::string("log/x.0/note"),
          log + "x/note", log.substr(0, log.size() - 1) + "x/note"})
      machine.disk().restore(path, as_bytes("x"));
  }

  void trust_entries() {
    const auto& path = fuzz_log::instance().path();
    auto segment = machine.disk().content(path);
    if (!segment) return;
    restamp_entries(*segment, seed());
    machine.disk().restore(path, *segment);
  }

  [[nodiscard]] static std::uint32_t seed() {
    return wire::checksum_seed(fuzz_machine::options().id, fuzz_log::instance().epoch());
  }
};

// --- reading

/// An entry as it was served.
struct served {
  log_position at;
  bytes entry;
  friend bool operator==(const served&, const served&) = default;
  friend auto operator<=>(const served& a, const served& b) { return a.at <=> b.at; }
};

/// What a log served from its begin on.
struct served_log {
  std::vector<served> events;
  bool damaged = false;                ///< some was passed over
  std::optional<log_position> stopped; ///< at an entry of a later format
  friend bool operator==(const served_log&, const served_log&) = default;

  [[nodiscard]] bool came_to(log_position at) const { return !stopped || at < *stopped; }
  [[nodiscard]] bool has(const served& event) const {
    return std::find(events.begin(), events.end(), event) != events.end();
  }
};

bool lies_in(byte_view file, byte_view entry) {
  return std::search(file.begin(), file.end(), entry.begin(), entry.end()) != file.end();
}

/// Its checksums are right, and one of the files held it.
void check_entry(const wire::stored_entry& entry, weft::epoch epoch, const contents& files) {
  const auto seed = wire::checksum_seed(fuzz_machine::options().id, epoch);
  const auto header = wire::decode_header(entry.bytes.view(), seed);
  WEFT_ASSERT(header && *header == entry.header && header->epoch == epoch);
  WEFT_ASSERT(wire::body_checksum(seed, entry.body().view()) == header->body_checksum);
  WEFT_ASSERT(std::any_of(files.begin(), files.end(),
                          [&](const auto& file) { return lies_in(file.second, entry.bytes.view()); }));
  if (const auto batch = wire::batch_view::verify(shared_bytes::copy(entry.body().view())))
    wire::read_everything(*batch);
}

/// Reads the log from its begin to its end, past damage; not past an entry of a later format.
class reading {
public:
  reading(node_log& from, const contents& files) : log_(from), files_(files) {}

  served_log all(std::size_t bytes_max, std::optional<topic_id> only = std::nullopt) {
    read_request request;
    request.from = log_.state().begin;
    request.bytes_max = bytes_max;
    if (only) request.wants = [only](topic_id topic) { return topic == *only; };
    while (true) {
      const auto found = log_.read(request);
      const auto code = found ? errc::ok : found.error().code();
      if (code == errc::version_newer) made_.stopped = request.from;
      if (code == errc::version_newer || code == errc::end_of_log) return std::move(made_);
      const auto next = found ? std::optional(take(*found, request.from)) : past_damage(found.error(), request.from);
      WEFT_ASSERT(next && request.from < *next);
      request.from = *next;
    }
  }

private:
  log_position take(const read_result& found, log_position from) {
    WEFT_ASSERT(found.from == from.seq && found.epoch >= from.epoch);
    auto last = found.from;
    for (const auto& entry : found.entries) {
      check_entry(entry, found.epoch, files_);
      WEFT_ASSERT(entry.header.first_seq >= last && entry.header.end_seq() <= found.until);
      last = entry.header.end_seq();
      const auto view = entry.bytes.view();
      made_.events.push_back({{found.epoch, entry.header.first_seq}, {view.begin(), view.end()}});
    }
    return {found.epoch, found.until};
  }

  std::optional<log_position> past_damage(const error& why, log_position from) {
    WEFT_ASSERT(why.code() == errc::corrupt && !why.message().empty());
    made_.damaged = true;
    return log_.next_readable(from);
  }

  node_log& log_;
  const contents& files_;
  served_log made_;
};

// --- what must hold

/// The segment's file is as it was; or without its tail, when it was the last; or renamed; or nothing was in it.
void check_nothing_was_thrown_away(const found_log& in, const recovery_report& report) {
  const auto& path = fuzz_log::instance().path();
  const auto was = in.files.find(path);
  if (was == in.files.end()) return;
  const auto& before = was->second;
  const auto now = in.machine.disk().content(path);
  if (now && *now == before) return;
  WEFT_ASSERT(in.chosen.next != behind::segment || report.set_aside.size() == 1);
  if (now) {
    WEFT_ASSERT(in.chosen.next == behind::nothing && now->size() <= std::max(before.size(), segment_header_bytes));
    const auto common = std::min(now->size(), before.size());
    WEFT_ASSERT(std::equal(now->begin(), now->begin() + static_cast<std::ptrdiff_t>(common), before.begin()));
    return;
  }
  if (!report.set_aside.empty()) {
    WEFT_ASSERT(report.set_aside.front().starts_with(path));
    WEFT_ASSERT(in.machine.disk().content(report.set_aside.front()) == before);
    return;
  }
  WEFT_ASSERT(in.chosen.next == behind::nothing || in.chosen.next == behind::empty_epoch);
}

/// All that the other segments have is served, as far as reading came.
void check_others_are_whole(const found_log& in, const served_log& found) {
  for (const auto& [path, file] : in.files) {
    if (!parse_segment_name(path.substr(path.rfind('/') + 1)) || path == fuzz_log::instance().path()) continue;
    const auto dumped = dump_segment(in.machine.disk(), path, [&](std::uint64_t, const wire::stored_entry& entry) {
      const served wanted{{entry.header.epoch, entry.header.first_seq}, {}};
      if (!found.came_to(wanted.at)) return true;
      const auto place = std::lower_bound(found.events.begin(), found.events.end(), wanted);
      WEFT_ASSERT(place != found.events.end() && place->at == wanted.at &&
                  as_text(place->entry) == as_text(entry.bytes.view()));
      return true;
    });
    WEFT_ASSERT(dumped && dumped->damage.empty());
  }
}

verify_report verified(const fuzz_machine& machine) {
  auto report = verify_directory(machine.disk(), std::string(directory));
  if (report) return std::move(*report);
  WEFT_ASSERT(report.error().code() == errc::version_newer);
  return {.damage = {{{}, 0, report.error().message()}}};
}

/// @returns what the log serves; nothing when it does not open
std::optional<served_log> first_opening(found_log& in) {
  const auto seen = verified(in.machine);
  if (const auto opened = in.machine.open(); !opened) {
    WEFT_ASSERT(opened.error().code() == errc::version_newer && !opened.error().message().empty());
    WEFT_ASSERT(files_of(in.machine.disk()) == in.files);
    return std::nullopt;
  }
  auto& log = in.machine.log();
  const auto& report = log.recovered();
  check_nothing_was_thrown_away(in, report);
  auto found = reading(log, in.files).all(4096);
  check_others_are_whole(in, found);
  // Verifying does not know where topics begin: retention may have removed the first segment.
  const bool may_be_removed = in.chosen.missing && in.chosen.first == before::nothing;
  if (seen.damage.empty() && !may_be_removed) {
    WEFT_ASSERT(!found.damaged && report.quarantined.empty());
    WEFT_ASSERT(report.set_aside.empty() || !seen.notes.empty());
  }
  (void)log.maintain(mono_time{2'000'000});
  return found;
}

/// Serves the same, in other portions and by topic, and takes events.
void second_opening(found_log& in, const served_log& before) {
  WEFT_ASSERT(in.machine.open());
  auto& log = in.machine.log();
  WEFT_ASSERT(reading(log, in.files).all(4096) == before);
  const auto one_by_one = reading(log, in.files).all(1);
  WEFT_ASSERT(in.may_lie() || one_by_one == before);
  for (const auto topic : {orders, stock})
    for (const auto& event : reading(log, in.files).all(256, topic).events)
      WEFT_ASSERT(in.may_lie() || before.has(event) || !before.came_to(event.at));
  for (const auto at : {hlc{}, hlc{UINT64_MAX}}) {
    const auto found = log.find_time(at);
    WEFT_ASSERT(found || found.error().code() == errc::version_newer);
  }
  (void)log.backlog(log.state().begin, [](topic_id) { return true; });

  const auto end = log.state().synced_end;
  const auto added = in.machine.append({orders, stock});
  WEFT_ASSERT(added && added->front().first >= end);
  const auto read = log.read({{added->front().epoch, added->front().first}, 1, 0, {}});
  WEFT_ASSERT(read && read->entries.size() == 2);
}

/// Retention takes whole events away, and changes none.
void forget(found_log& in, const served_log& before) {
  in.machine.close();
  WEFT_ASSERT(in.machine.open());
  auto& log = in.machine.log();
  const auto has_added = files_of(in.machine.disk());
  topic_policy policy;
  policy.keep_bytes = 1;
  log.set_policy(orders, policy);
  (void)log.drop_topic(stock);
  (void)log.maintain(mono_time{60'000'000});
  for (const auto& event : reading(log, has_added).all(4096).events) {
    const bool added = event.at.epoch.count() > fuzz_log::instance().epoch().count();
    WEFT_ASSERT(added || in.may_lie() || before.has(event) || !before.came_to(event.at));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  auto in = found_log::from({reinterpret_cast<const std::byte*>(data), size});
  (void)dump_segment(in.machine.disk(), fuzz_log::instance().path(), [](auto, const auto&) { return true; });
  const auto found = first_opening(in);
  if (!found) return 0;
  in.machine.close();
  (void)verified(in.machine);
  second_opening(in, *found);
  if (in.chosen.forget) forget(in, *found);
  return 0;
}
