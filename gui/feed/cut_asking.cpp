#include "gui/feed/cut_asking.hpp"

#include "sdk/inspect/cut_creation.hpp"
#include "weft/client.hpp"
#include "weft/json.hpp"

namespace weft::monitor {

result<std::string> make_cut(client& node, std::string_view arguments) {
  const auto document = json_document::parse(as_bytes(arguments));
  if (!document) return fail(document.error());
  const auto asked = document->root();
  const auto name = asked.find("name");
  const auto named = name ? name->text() : fail(errc::invalid_argument, "the argument \"name\" is missing: which cut?");
  if (!named) return fail(named.error());
  inspect::cut_wish wish{.name = std::string(*named)};
  if (const auto pattern = asked.find("pattern"))
    if (const auto text = pattern->text()) wish.pattern = *text;
  if (const auto lease = asked.find("lease"))
    if (const auto seconds = lease->number(); seconds && *seconds > 0)
      wish.lease = microseconds(static_cast<std::int64_t>(*seconds * 1e6));
  return inspect::create_cut(node, wish);
}

} // namespace weft::monitor
