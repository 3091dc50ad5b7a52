// sdk/src/contract_book.hpp: the contracts that events name, asked of the node when the first one comes.
#pragma once
#include "mesh/base/time.hpp"
#include "weft/event_contract.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weft::detail {

/// Keeps limits::contracts_read_max of them. One that the node does not know is asked for anew after
/// limits::contract_ask_again_after: a record may be on its way.
/// @thread any
class contract_book {
public:
  using asker = std::function<result<std::string>(std::string_view question, std::string_view arguments)>;
  explicit contract_book(weft::clock& clock) noexcept : clock_(clock) {}

  /// @param ask  of the node, under no lock
  [[nodiscard]] result<event_contract> find(const contract_id& id, const asker& ask);

private:
  struct entry {
    result<event_contract> by;
    mono_time asked;
  };

  weft::clock& clock_;
  std::mutex mutex_;
  std::unordered_map<contract_id, entry> known_;
};

/// What a contracts.show answers. @error errc::undecodable  no such document
[[nodiscard]] result<event_contract> contract_in(std::string_view document);

} // namespace weft::detail
