#include "sdk/cli/event_printer.hpp"

#include "sdk/cli/json_text.hpp"
#include "sdk/cli/time_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace weft::cli {
namespace {

constexpr std::size_t value_width_max = 100; // characters of a value in a table

void append_headers(std::string& out, const header_list& headers) {
  out += '{';
  if (!headers.empty()) {
    auto all = headers.all();
    // A name that comes twice has a list, so that the object has each name once.
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < all.size();) {
      auto next = i + 1;
      while (next < all.size() && all[next].name == all[i].name)
        ++next;
      if (i > 0) out += ',';
      append_json_bytes(out, all[i].name);
      out += next - i > 1 ? ":[" : ":";
      for (auto at = i; at < next; ++at) {
        if (at > i) out += ',';
        append_json_bytes(out, all[at].value);
      }
      if (next - i > 1) out += ']';
      i = next;
    }
  }
  out += '}';
}

/// Ends a text after so many characters, never inside one.
void shorten(std::string& out, std::size_t begin, std::size_t width) {
  for (std::size_t i = begin; i < out.size(); ++i) {
    if ((static_cast<unsigned char>(out[i]) & 0xC0U) == 0x80U || width-- > 0) continue;
    out.resize(i);
    out += "...";
    return;
  }
}

} // namespace

std::string_view event_printer::title() const noexcept {
  return how_ == event_format::table ? "TIME                         TOPIC                    POSITION                 "
                                       "        KEY               VALUE\n"
                                     : "";
}

void event_printer::append(std::string& out, const event& shown) {
  switch (how_) {
  case event_format::json: append_json(out, shown); break;
  case event_format::table: append_row(out, shown); break;
  case event_format::value: out += shown.text(); break;
  }
  out += '\n';
}

const std::string& event_printer::epoch_text(epoch value) {
  if (value != epoch_ || epoch_text_.empty()) {
    epoch_ = value;
    epoch_text_ = to_string(value);
  }
  return epoch_text_;
}

void event_printer::append_json(std::string& out, const event& shown) {
  out += "{\"topic\":\"";
  out += shown.topic;
  out += "\",\"node\":\"";
  out += shown.node;
  out += "\",\"epoch\":\"";
  out += epoch_text(shown.at.epoch);
  fmt::format_to(std::back_inserter(out), "\",\"seq\":{},\"topic_offset\":{},\"time\":\"", shown.at.seq.value(),
                 shown.offset.value());
  append_time(out, shown.time);
  out += "\",\"type\":";
  if (shown.type.empty())
    out += "null";
  else
    append_json_bytes(out, shown.type);
  out += ",\"key\":";
  if (shown.key.empty())
    out += "null";
  else
    append_json_bytes(out, as_text(shown.key));
  out += ",\"headers\":";
  append_headers(out, shown.headers);
  if (!shown.contract.is_nil()) {
    out += ",\"contract\":\"";
    out += to_string(shown.contract);
    out += '"';
  }
  out += ",\"value\":";
  append_value(out, shown);
  out += '}';
}

void event_printer::append_value(std::string& out, const event& shown) {
  const auto decoded = decode_ && !shown.contract.is_nil() ? decode_(shown) : std::nullopt;
  append_json_value(out, decoded ? std::string_view(*decoded) : shown.text());
}

void event_printer::append_row(std::string& out, const event& shown) {
  append_time(out, shown.time);
  std::string key;
  append_plain(key, as_text(shown.key));
  fmt::format_to(std::back_inserter(out), "  {:<23}  {:<31}  {:<16}  ", shown.topic, to_string(shown.position()), key);
  const auto begin = out.size();
  append_plain(out, shown.text());
  shorten(out, begin, value_width_max);
}

} // namespace weft::cli
