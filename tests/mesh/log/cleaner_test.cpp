#include "mesh/log/cleaner.hpp"

#include "mesh/log/segment_scanner.hpp"
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

/// One sealed segment, and what its readers find when it is cleaned while they are at it.
class cleaner_test : public log_fixture {
protected:
  cleaner_test() {
    open();
    const auto opening = log->state().epoch;
    while (files(".seg").size() < 2)
      EXPECT_TRUE(append(orders, {std::string(900, 'v')}));
    log->maintain(clock.mono()); // writes the index
    log.reset();
    const auto path = files(".seg").front();
    const auto index = index_file::open(disk, index_path_of(path), options.id, opening, seq{0});
    EXPECT_TRUE(index.has_value());
    store.add_sealed(path, index->summary(), {}, nullptr);
    head = {opening, index->summary().end + 1};
  }
  [[nodiscard]] segment_view view() const {
    const auto found = store.view_at({head.epoch, seq{0}}, head);
    EXPECT_TRUE(found.has_value());
    return *found;
  }
  /// Without every second entry.
  void clean() {
    const auto every_second = [](const wire::stored_entry& entry) {
      return entry.header.first_seq.value() % 2 == 0 ? entry_fate::keep() : entry_fate::drop();
    };
    EXPECT_TRUE(clean_segment(disk, store, view().segment, every_second));
  }
  /// How many entries can be read through what was seen.
  [[nodiscard]] std::size_t entries(const segment_view& seen) const {
    const auto file = store.open(seen.segment);
    EXPECT_TRUE(file.has_value());
    segment_scanner scanner(**file, segment_header_bytes, seen.used, seen.segment->seed);
    std::size_t count = 0;
    for (; scanner.offset() < seen.used; ++count)
      if (const auto entry = scanner.next(); !entry) {
        ADD_FAILURE() << entry.error().message();
        break;
      }
    return count;
  }

  segment_store store{disk, options.id};
  log_position head;
};

TEST_F(cleaner_test, who_saw_the_old_segment_and_opens_it_later_gets_the_old_file) {
  const auto before = view();
  const auto all = before.end.value();
  clean();
  const auto after = view();
  EXPECT_EQ(entries(before), all);
  EXPECT_EQ(entries(after), (all + 1) / 2);
  EXPECT_EQ(entries(before), all); // whichever was opened last
}

TEST_F(cleaner_test, who_opened_the_old_file_does_not_hand_it_to_those_who_come_later) {
  const auto before = view();
  const auto all = entries(before);
  clean();
  EXPECT_EQ(entries(view()), (all + 1) / 2);
}

TEST_F(cleaner_test, the_old_file_is_closed_when_nobody_holds_its_segment) { // only then its space comes back
  auto before = std::optional(view());
  const std::weak_ptr<const file> old = *store.open(before->segment);
  clean();
  EXPECT_FALSE(old.expired());
  EXPECT_EQ(entries(*before), before->end.value());
  before.reset();
  EXPECT_TRUE(old.expired());
}

TEST_F(cleaner_test, the_new_files_index_is_not_taken_for_the_old_ones) {
  const auto before = view();
  clean();
  const auto saved = store.unsaved();
  ASSERT_EQ(saved.size(), 1U);
  const auto& [segment, index] = saved.front();
  ASSERT_TRUE(write_file_durably(disk, index_path_of(segment->path), encode_index(index->index, index->tables)));
  store.index_saved(segment);
  EXPECT_TRUE(store.core_of(view().segment).has_value());
  const auto core = store.core_of(before.segment);
  ASSERT_FALSE(core.has_value());
  EXPECT_EQ(core.error().code(), errc::not_found);
}

} // namespace weft::log::testing
