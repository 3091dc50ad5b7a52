#include "mesh/base/os_disk.hpp"
#include "mesh/log/dump.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/json_text.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/time_text.hpp"

#include <fmt/format.h>
#include <iterator>
#include <memory>

namespace weft::cli {
namespace {

std::string flags_text(wire::entry_flags flags) {
  std::string out;
  const auto add = [&](wire::entry_flags flag, const char* name) {
    if (wire::has(flags, flag)) out += (out.empty() ? "" : ",") + std::string(name);
  };
  add(wire::entry_flags::extract, "extract");
  add(wire::entry_flags::group_begin, "group_begin");
  add(wire::entry_flags::in_group, "in_group");
  add(wire::entry_flags::group_end, "group_end");
  return out;
}

const char* codec_text(wire::codec how) {
  switch (how) {
  case wire::codec::none: return "none";
  case wire::codec::lz4: return "lz4";
  case wire::codec::zstd: return "zstd";
  }
  return "unknown";
}

/// What the batch inside says; nothing of a batch that can't be read.
struct batch_facts {
  std::string topic = "?", codec = "?";
  std::uint64_t producer = 0, first_sequence = 0;
  std::size_t events = 0;
};

batch_facts facts_of(const wire::stored_entry& entry) {
  // Its bytes may lie anywhere in the file's piece; tables need them aligned.
  const auto batch = wire::batch_view::verify(shared_bytes::copy(entry.body().view()));
  if (!batch) return {};
  return {std::string(batch->topic()), codec_text(batch->codec()), batch->producer().value(), batch->first_sequence(),
          batch->count()};
}

class dumping {
public:
  explicit dumping(bool json) : json_(json) {}

  /// Appends an entry. @returns whether to go on
  bool add(std::uint64_t offset, const wire::stored_entry& entry);
  /// @returns the exit code
  int finish(const std::string& path, const result<log::dump_result>& end);

private:
  void add_json(std::uint64_t offset, const wire::entry_header& header, const batch_facts& facts);
  void add_row(std::uint64_t offset, const wire::entry_header& header, const batch_facts& facts);
  void add_summary(const log::dump_result& end);

  bool json_;
  bool first_ = true;
  output out_;
  result<void> written_;
};

bool dumping::add(std::uint64_t offset, const wire::stored_entry& entry) {
  const auto facts = facts_of(entry);
  if (json_)
    add_json(offset, entry.header, facts);
  else
    add_row(offset, entry.header, facts);
  first_ = false;
  written_ = out_.wrote();
  return written_.has_value();
}

void dumping::add_json(std::uint64_t offset, const wire::entry_header& header, const batch_facts& facts) {
  auto& out = out_.buffer();
  out += first_ ? "{\"entries\":[\n" : ",\n";
  std::string appended;
  append_time(appended, header.appended.wall());
  fmt::format_to(
      std::back_inserter(out),
      "{{\"offset\":{},\"epoch\":\"{}\",\"seq\":{},\"count\":{},\"events\":{},\"topic\":\"{}\",\"topic_id\":{},"
      "\"topic_offset\":{},\"appended\":\"{}\",\"bytes\":{},\"unsynced\":{},\"flags\":\"{}\",\"codec\":\"{}\","
      "\"producer\":\"{:016x}\",\"first_sequence\":{}}}",
      offset, to_string(header.epoch), header.first_seq.value(), header.count, facts.events, facts.topic,
      header.topic.value(), header.first_offset.value(), appended, header.stored_bytes(), header.unsynced,
      flags_text(header.flags), facts.codec, facts.producer, facts.first_sequence);
}

void dumping::add_row(std::uint64_t offset, const wire::entry_header& header, const batch_facts& facts) {
  auto& out = out_.buffer();
  if (first_)
    out += fmt::format("{:>10}  {:<24} {:>6} {:>9}  {:<27}  {:<5} {}\n", "OFFSET", "POSITION", "COUNT", "BYTES",
                       "APPENDED", "CODEC", "TOPIC");
  std::string appended;
  append_time(appended, header.appended.wall());
  fmt::format_to(std::back_inserter(out), "{:>10}  {:<24} {:>6} {:>9}  {:<27}  {:<5} {} from offset {}{}{}\n", offset,
                 to_string(log_position{header.epoch, header.first_seq}), header.count, header.stored_bytes(), appended,
                 facts.codec, facts.topic, header.first_offset.value(),
                 header.flags == wire::entry_flags::none ? "" : " ", flags_text(header.flags));
}

void dumping::add_summary(const log::dump_result& end) {
  auto& out = out_.buffer();
  const auto log = to_string(end.header.log);
  if (json_) {
    out += first_ ? "{\"entries\":[" : "\n]";
    if (first_) out += ']';
    out += fmt::format(",\"log\":\"{}\",\"epoch\":\"{}\",\"first\":{},\"end\":{},\"rest\":\"{}\",\"damage\":[", log,
                       to_string(end.header.epoch), end.header.first.value(), end.end, end.rest);
    for (std::size_t i = 0; i < end.damage.size(); ++i) {
      out += fmt::format("{}{{\"offset\":{},\"what\":", i == 0 ? "" : ",", end.damage[i].offset);
      append_json_bytes(out, end.damage[i].what);
      out += '}';
    }
    out += "]}\n";
    return;
  }
  for (const auto& one : end.damage)
    out += fmt::format("damage at byte {}: {}\n", one.offset, one.what);
  out += fmt::format("log {}, epoch {}, from seq {}; entries end at byte {}, then {}\n", log,
                     to_string(end.header.epoch), end.header.first.value(), end.end, end.rest);
}

int dumping::finish(const std::string& path, const result<log::dump_result>& end) {
  if (!end) {
    (void)out_.flush();
    return report("dump", end.error().code() == errc::not_found ? error{errc::not_found, path + ": no such file"}
                                                                : end.error());
  }
  if (written_) {
    add_summary(*end);
    written_ = out_.flush();
  }
  if (!written_ && written_.error().code() != errc::cancelled) return report("dump", written_.error());
  return end->damage.empty() ? exit_success : exit_failure;
}

} // namespace

void add_dump(command_line& weft) {
  struct words {
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<words>();
  weft.add("dump", "Shows the entries of one segment file of a log")
      .operand("FILE", options->file, "A file that ends with .seg, below DIR/log")
      .flag("--json", options->json, "One JSON document instead of a table")
      .example("weft dump data/a/log/*/1-9f2c/00000000000000000000.seg")
      .runs([options] {
        dumping work{options->json};
        const auto end =
            log::dump_segment(os_disk(), options->file, [&work](std::uint64_t offset, const wire::stored_entry& entry) {
              return work.add(offset, entry);
            });
        return work.finish(options->file, end);
      });
}

} // namespace weft::cli
