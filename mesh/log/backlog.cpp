#include "mesh/log/backlog.hpp"

#include <map>

namespace weft::log {

result<std::vector<topic_backlog>> count_backlog(node_log& log, log_position from,
                                                 const std::function<bool(topic_id)>& wants) {
  std::map<topic_id, topic_backlog> counted;
  for (;;) {
    const auto read = log.read({from, limits::read_chunk_bytes, limits::run_scanned_bytes_max, wants});
    if (!read) {
      const auto code = read.error().code();
      if (code == errc::end_of_log) break;
      const auto resume = code == errc::log_start || code == errc::corrupt ? log.next_readable(from) : std::nullopt;
      if (!resume || *resume <= from) return fail(read.error());
      from = *resume;
      continue;
    }
    for (const auto& entry : read->entries) {
      const auto& header = entry.header;
      auto& topic = counted.try_emplace(header.topic, topic_backlog{header.topic, 0, 0, header.appended}).first->second;
      const auto first = std::max(header.first_seq, from.seq); // a cursor may stand inside an entry
      topic.events += header.end_seq() - first;
      topic.bytes += header.stored_bytes();
    }
    from = {read->epoch, read->until};
  }
  std::vector<topic_backlog> all;
  for (const auto& [id, topic] : counted)
    all.push_back(topic);
  return all;
}

} // namespace weft::log
