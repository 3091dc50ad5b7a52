#include "mesh/telemetry/frame_text.hpp"

#include "mesh/base/assert.hpp"

#include <flatbuffers/idl.h>
#include <fmt/format.h>
#include <utility>

namespace weft::telemetry {
namespace {

flatbuffers::IDLOptions options() {
  flatbuffers::IDLOptions made;
  made.skip_unexpected_fields_in_json = true;
  return made;
}

} // namespace

struct frame_reader::state {
  flatbuffers::Parser parser{options()};
};

frame_reader::frame_reader() : state_(std::make_unique<state>()) {
  WEFT_ASSERT(state_->parser.Parse(std::string(schema_text()).c_str()));
}
frame_reader::~frame_reader() = default;

result<FrameT> frame_reader::read(const std::string& json) {
  auto& parser = state_->parser;
  if (!parser.ParseJson(json.c_str()))
    return fail(errc::corrupt, fmt::format("a listing is not as the schema of telemetry says: {}", parser.error_));
  FrameT rows;
  GetFrame(parser.builder_.GetBufferPointer())->UnPackTo(&rows);
  return rows;
}

void frame_texts::add(std::string_view list, const std::string& row) {
  if (!list_.empty() && text_.size() + row.size() > bytes_most_) close();
  if (list_ == list) {
    text_ += ',' + row;
    return;
  }
  text_ += fmt::format("{}\"{}\":[{}", list_.empty() ? "" : "],", list, row);
  list_ = list;
}

std::vector<std::string> frame_texts::take() {
  if (!list_.empty() || made_.empty()) close();
  return std::exchange(made_, {});
}

void frame_texts::close() {
  made_.push_back(std::exchange(text_, "{") + (list_.empty() ? "}" : "]}"));
  list_.clear();
}

} // namespace weft::telemetry
