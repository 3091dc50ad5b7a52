// mesh/wire/group_flat.hpp: how parts of messages about groups are written and read. Internal.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/wire/control_generated.h"
#include "mesh/wire/group_messages.hpp"

namespace weft::wire {

template <class Item>
using flat_list = flatbuffers::Offset<flatbuffers::Vector<const Item*>>;

/// 0 for what is negative.
[[nodiscard]] std::uint64_t micros(microseconds from) noexcept;

// Lists that are empty are left out. @pre no more than the message may have
[[nodiscard]] flat_list<fb::SlotEvent> to_flat(flatbuffers::FlatBufferBuilder& out,
                                               const std::vector<slot_event>& events);
[[nodiscard]] flat_list<fb::NumberRange> to_flat(flatbuffers::FlatBufferBuilder& out,
                                                 const std::vector<number_range>& ranges);
[[nodiscard]] flat_list<fb::TriedEvent> to_flat(flatbuffers::FlatBufferBuilder& out,
                                                const std::vector<tried_event>& tried);
[[nodiscard]] flatbuffers::Offset<fb::Member> to_flat(flatbuffers::FlatBufferBuilder& out,
                                                      const group_membership& member);

// As decode_control() has it.
[[nodiscard]] result<group_membership> from_flat(const fb::Member& from);
[[nodiscard]] result<std::vector<tried_event>> from_flat(const flatbuffers::Vector<const fb::TriedEvent*>* from);
[[nodiscard]] result<handled> from_flat(const fb::Handled& from);
[[nodiscard]] result<failed> from_flat(const fb::Failed& from);
[[nodiscard]] result<verdict> from_flat(const fb::Verdict& from);
[[nodiscard]] result<revoke> from_flat(const fb::Revoke& from);

} // namespace weft::wire
