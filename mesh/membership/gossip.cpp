#include "mesh/membership/gossip.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

void gossip::neighbor_up(const node_id& peer) {
  if (neighbors_.insert(peer).second && self_ < peer) anti_entropy_.want(peer);
}

void gossip::peer_down(const node_id& peer) {
  neighbors_.erase(peer);
  anti_entropy_.forget(peer);
}

void gossip::publish(const std::vector<wire::item>& own, instant now, effects& fx) {
  std::vector<wire::item> news;
  for (const auto& item : own) {
    const auto result = stores_.take(item, self_, now);
    WEFT_ASSERT(result.offences.empty());
    news.insert(news.end(), result.news.begin(), result.news.end());
  }
  hand_on(news, false, self_, now);
  flood_.tick(neighbors_, now.mono, fx);
}

void gossip::on(const node_id& from, const wire::gossip& message, instant now, effects& fx) {
  std::vector<wire::item> news;
  std::set<node_id> wanted;
  bool honest = true;
  for (const auto& item : message.items) {
    auto result = stores_.take(item, from, now);
    if (result.news.empty()) flood_.seen(item, from);
    news.insert(news.end(), result.news.begin(), result.news.end());
    wanted.insert(result.wanted.begin(), result.wanted.end());
    for (auto& one : result.offences) {
      honest = honest && one.peer != from;
      fx.emplace_back(std::move(one));
    }
    if (!honest) break;
  }
  if (honest && !wanted.empty()) fx.emplace_back(out::send{from, wire::identity_wants{{wanted.begin(), wanted.end()}}});
  hand_on(news, message.answer, from, now);
  flood_.tick(neighbors_, now.mono, fx);
}

/// Many items in an answer are new here and hardly anywhere else: the neighbours are asked whether they lack them.
void gossip::hand_on(const std::vector<wire::item>& news, bool answer, const node_id& from, instant now) {
  if (answer && !news.empty()) anti_entropy_.learned(now.mono);
  if (answer && news.size() > limits::gossip_news_max) {
    reached("gossip.bulk");
    for (const auto& neighbor : neighbors_)
      if (neighbor != from) anti_entropy_.want(neighbor);
    return;
  }
  for (const auto& item : news)
    flood_.add(item, from, now.mono);
}

void gossip::tick(instant now, effects& fx) {
  flood_.tick(neighbors_, now.mono, fx);
  anti_entropy_.tick(neighbors_, now.mono, fx);
}

mono_time gossip::next_tick() const noexcept {
  const auto next = anti_entropy_.next_tick();
  return flood_.next_tick() ? std::min(next, *flood_.next_tick()) : next;
}

} // namespace weft::membership
