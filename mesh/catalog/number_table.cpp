#include "mesh/catalog/number_table.hpp"

#include "mesh/catalog/numbers.hpp"

namespace weft::catalog {

result<std::uint32_t> number_table::next() {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  auto taken = take_number(db_, counter);
  if (!taken) return taken;
  if (const auto done = change->commit(); !done) return fail(done.error());
  return taken;
}

result<void> number_table::used_up_to(std::uint32_t highest) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto raised = raise_number(db_, counter, std::uint64_t{highest} + 1); !raised) return raised;
  return change->commit();
}

result<void> number_table::ready() {
  const auto known = given();
  if (!known) return fail(known.error());
  if (!*known) return fail(errc::corrupt, "the counter of node numbers is not known since the catalog was damaged");
  return {};
}

result<std::optional<std::uint32_t>> number_table::given() {
  const auto held = db_.hold();
  return last_number(db_, counter);
}

result<void> number_table::forget() {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = forget_number(db_, counter); !done) return done;
  return change->commit();
}

} // namespace weft::catalog
