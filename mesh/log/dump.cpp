#include "mesh/log/dump.hpp"

#include "mesh/log/segment_scanner.hpp"

#include <fmt/format.h>

namespace weft::log {
namespace {

result<read_header> header_of(const file& segment) {
  std::array<std::byte, segment_header_bytes> bytes{};
  const auto got = segment.read_at(0, bytes);
  if (!got) return fail(got.error());
  const auto head = decode_segment_header(byte_view(bytes).first(*got));
  switch (head.state) {
  case header_state::valid: return head;
  case header_state::newer: return fail(errc::version_newer, "a segment of a later format version: use the newer Weft");
  case header_state::blank: return fail(errc::corrupt, "no segment yet: its header is blank");
  case header_state::damaged: break;
  }
  return fail(errc::corrupt, "no segment, or its header is damaged; `weft verify` looks at its entries");
}

} // namespace

result<dump_result> dump_segment(disk& from, const std::string& path,
                                 const std::function<bool(std::uint64_t, const wire::stored_entry&)>& visit) {
  auto opened = from.open(path, open_mode::read);
  if (!opened) return fail(std::move(opened.error()));
  const auto head = header_of(**opened);
  if (!head) return fail(head.error().within(path));
  const auto size = (*opened)->size();
  if (!size) return fail(size.error());

  dump_result result{head->header, segment_header_bytes, "nothing", {}};
  const auto seed = wire::checksum_seed(head->header.log, head->header.epoch);
  segment_scanner scanner(**opened, segment_header_bytes, *size, seed);
  auto next = head->header.first;
  while (scanner.offset() < *size) {
    const auto offset = scanner.offset();
    const auto entry = scanner.next();
    if (entry && entry->header.first_seq >= next) {
      next = entry->header.end_seq();
      result.end = scanner.offset();
      if (!visit(offset, *entry)) return result;
      continue;
    }
    if (!entry && entry.error().code() != errc::corrupt) return fail(entry.error().within(path));
    // Behind the last entry of a file that was used before lie older ones: those do not count.
    scanner.move_to(std::min(offset + 8, *size));
    const auto found = scanner.resync(seq{std::max<std::uint64_t>(next.value(), 1) - 1});
    if (!found) return fail(found.error().within(path));
    if (!*found) {
      segment_scanner rest(**opened, offset, *size, seed);
      static_cast<void>(rest.resync(seq{UINT64_MAX}));
      result.rest = rest.nonzero_until() > offset ? "bytes that are no entry" : "zeros";
      break;
    }
    result.damage.push_back({path, offset, entry ? "an entry that does not belong here" : entry.error().message()});
  }
  return result;
}

} // namespace weft::log
