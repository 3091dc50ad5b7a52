#include "sdk/cli/char_reader.hpp"

namespace weft::cli {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

} // namespace

bool char_reader::read_piece() {
  auto piece = from_.read();
  at_ = 0;
  piece_ = piece ? *piece : std::string_view{};
  if (!piece) failure_ = piece.error();
  return !piece_.empty();
}

void char_reader::pass_mark() {
  while (first_.size() < byte_order_mark.size() && byte_order_mark.starts_with(first_) && read_piece())
    first_ += piece_;
  piece_ = first_;
  at_ = first_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
}

bool char_reader::fill() {
  if (failure_) return false;
  if (begun_) return read_piece();
  begun_ = true;
  pass_mark();
  return at_ < piece_.size() || (!failure_ && !piece_.empty() && read_piece());
}

std::string_view char_reader::get_some_of_line() {
  if (peek() == end) return {};
  const auto rest = piece_.substr(at_);
  const auto some = rest.substr(0, rest.find('\n'));
  at_ += some.size();
  return some;
}

} // namespace weft::cli
