#include "mesh/wire/event_filter.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weft::wire {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class Value>
bool holds(const Value& left, comparison op, const Value& right) noexcept {
  switch (op) {
  case comparison::equal: return left == right;
  case comparison::not_equal: return left != right;
  case comparison::less: return left < right;
  case comparison::less_equal: return left <= right;
  case comparison::greater: return left > right;
  case comparison::greater_equal: return left >= right;
  }
  return false; // a comparison of a later version
}

/// A header's test with its value read once.
class compiled_test {
public:
  explicit compiled_test(const header_test& test)
      : test_(test), whole_(number_of<std::int64_t>(test.value)), real_(number_of<double>(test.value)) {}

  [[nodiscard]] bool passes(const header_view& headers) const noexcept {
    const auto value = headers.find(test_.name);
    if (!value) return false;
    if (whole_)
      if (const auto number = number_of<std::int64_t>(*value)) return holds(*number, test_.op, *whole_);
    if (real_ && std::isfinite(*real_))
      if (const auto number = number_of<double>(*value); number && std::isfinite(*number))
        return holds(*number, test_.op, *real_);
    return holds(*value, test_.op, std::string_view(test_.value));
  }

private:
  const header_test& test_;
  std::optional<std::int64_t> whole_; // beyond 2^53 a double would round
  std::optional<double> real_;
};

/// Keeps the indexes that pass, in place and without a branch: which events pass is anybody's guess.
template <class Passes>
void keep(std::vector<std::uint16_t>& chosen, Passes passes) {
  std::size_t kept = 0;
  for (const auto index : chosen) {
    chosen[kept] = index;
    kept += static_cast<std::size_t>(passes(index));
  }
  chosen.resize(kept);
}

std::vector<std::uint16_t> all_of(const batch_view& batch) {
  std::vector<std::uint16_t> indexes(batch.count());
  for (std::size_t i = 0; i < indexes.size(); ++i)
    indexes[i] = static_cast<std::uint16_t>(i);
  return indexes;
}

void keep_types(std::vector<std::uint16_t>& chosen, const batch_view& batch, const std::vector<std::string>& names) {
  std::vector<char> wanted(batch.types() + 1, 0); // by type index; 0, no type, is never wanted
  for (std::size_t i = 0; i < batch.types(); ++i)
    wanted[i + 1] = static_cast<char>(std::find(names.begin(), names.end(), batch.type_name(i)) != names.end());
  keep(chosen, [&](std::uint16_t i) { return wanted[batch.type_index(i)] != 0; });
}

} // namespace

result<std::vector<std::uint16_t>> select(const batch_view& batch, const event_filter& filter) {
  auto chosen = all_of(batch);
  if (filter.slots)
    keep(chosen, [&batch, &slots = *filter.slots](std::uint16_t i) { return slots[slot_of(batch.hash(i)).value()]; });
  if (filter.key) {
    const auto key = as_bytes(*filter.key);
    const auto hash = key_hash(key);
    keep(chosen, [&](std::uint16_t i) { return batch.hash(i) == hash && as_text(batch.key(i)) == as_text(key); });
  }
  if (!filter.types.empty()) keep_types(chosen, batch, filter.types);
  if (filter.headers.empty() || chosen.empty()) return chosen;

  const auto data = batch.unpack();
  if (!data) return fail(data.error());
  const std::vector<compiled_test> tests(filter.headers.begin(), filter.headers.end());
  keep(chosen, [&](std::uint16_t i) {
    const auto headers = batch.event(i, data->view()).headers;
    return std::all_of(tests.begin(), tests.end(), [&](const auto& test) { return test.passes(headers); });
  });
  return chosen;
}

} // namespace weft::wire
