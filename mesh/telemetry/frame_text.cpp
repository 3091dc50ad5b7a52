#include "mesh/telemetry/frame_text.hpp"

#include "mesh/base/assert.hpp"

#include <flatbuffers/idl.h>
#include <fmt/format.h>

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

} // namespace weft::telemetry
