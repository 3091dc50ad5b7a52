#include "actors/answer_parts.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft::actors {

void send_answer(link_output& to, const wire::query& question, const result<std::string>& document, std::size_t most,
                 const std::optional<node_id>& from) {
  wire::answer answer{question.request, errc::ok, {}, {}, from, false};
  if (!document || document->size() > most) {
    answer.code = document ? errc::too_large : document.error().code();
    answer.message =
        document ? fmt::format("the answer has {} bytes, at most {} are told: ask for less", document->size(), most)
                 : document.error().message();
    return to.send(answer);
  }
  std::string_view left = *document;
  const auto part = question.parts ? limits::answer_part_bytes : left.size();
  do {
    answer.document = left.substr(0, part);
    left.remove_prefix(answer.document.size());
    answer.more = !left.empty();
    to.send(answer);
  } while (answer.more);
}

} // namespace weft::actors
