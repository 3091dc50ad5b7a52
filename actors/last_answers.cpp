#include "actors/last_answers.hpp"

namespace weft::actors {

std::size_t last_answers::item::bytes() const noexcept {
  return sizeof(item) + std::get<1>(of).size() + std::get<2>(of).size() + answer.document.size();
}

void last_answers::keep(const node_id& node, const std::string& what, const std::string& arguments, known answer) {
  const std::lock_guard held{mutex_};
  const key of{node, what, arguments};
  if (const auto found = places_.find(of); found != places_.end()) drop(found->second);
  items_.push_front({of, std::move(answer)});
  places_.emplace(of, items_.begin());
  bytes_ += items_.front().bytes();
  while (bytes_ > most_)
    drop(std::prev(items_.end()));
}

void last_answers::forget(const node_id& node, const std::string& what, const std::string& arguments) {
  const std::lock_guard held{mutex_};
  if (const auto found = places_.find({node, what, arguments}); found != places_.end()) drop(found->second);
}

std::optional<last_answers::known> last_answers::find(const node_id& node, const std::string& what,
                                                      const std::string& arguments) {
  const std::lock_guard held{mutex_};
  const auto found = places_.find({node, what, arguments});
  if (found == places_.end()) return std::nullopt;
  items_.splice(items_.begin(), items_, found->second);
  return found->second->answer;
}

void last_answers::drop(std::list<item>::iterator at) {
  bytes_ -= at->bytes();
  places_.erase(at->of);
  items_.erase(at);
}

} // namespace weft::actors
