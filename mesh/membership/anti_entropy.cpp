#include "mesh/membership/anti_entropy.hpp"

#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

namespace {

// About what a message and its parts take on the wire.
constexpr std::size_t message_bytes = 96;
constexpr std::size_t entry_bytes = 32;
constexpr std::size_t item_frame_bytes = 112;

/// What is held in some buckets, in messages that say of which ones it is all. A bucket that is larger than a message
/// says it of none: the other node then learns what is newer here, and what is missing here when it starts itself.
class entry_pages {
public:
  void add(std::size_t bucket, const std::vector<wire::sync_entry>& entries) {
    if (pages_.empty() || pages_.back().entries.size() + entries.size() > limits::sync_entries_max)
      pages_.emplace_back();
    if (entries.size() <= limits::sync_entries_max) {
      pages_.back().buckets.push_back(static_cast<std::uint16_t>(bucket));
      append(entries);
      return;
    }
    reached("anti_entropy.large_bucket");
    for (const auto& entry : entries) {
      if (pages_.back().entries.size() == limits::sync_entries_max) pages_.emplace_back();
      pages_.back().entries.push_back(entry);
    }
  }
  [[nodiscard]] std::vector<wire::sync_entries>& pages() noexcept { return pages_; }

private:
  void append(const std::vector<wire::sync_entry>& entries) {
    auto& all = pages_.back().entries;
    all.insert(all.end(), entries.begin(), entries.end());
  }

  std::vector<wire::sync_entries> pages_;
};

} // namespace

void anti_entropy::want(const node_id& peer) {
  if (std::find(wanted_.begin(), wanted_.end(), peer) == wanted_.end()) wanted_.push_back(peer);
}

void anti_entropy::forget(const node_id& peer) { std::erase(wanted_, peer); }

void anti_entropy::on(const node_id& from, const wire::sync_root& root, mono_time now, gossip_effects& fx) {
  const auto hashes = stores_.hashes();
  if (root_of(hashes) == root.hash || !afford(from, message_bytes + sizeof hashes, now)) return;
  fx.emplace_back(gossip_out::send{from, wire::sync_buckets{{hashes.begin(), hashes.end()}}});
}

void anti_entropy::on(const node_id& from, const wire::sync_buckets& theirs, mono_time now, gossip_effects& fx) {
  const auto mine = stores_.hashes();
  entry_pages differing;
  for (std::size_t i = 0; i < mine.size() && i < theirs.hashes.size(); ++i)
    if (mine.at(i) != theirs.hashes[i]) differing.add(i, stores_.entries(i));
  for (auto& page : differing.pages()) {
    const auto bytes = message_bytes + page.buckets.size() * 2 + page.entries.size() * entry_bytes;
    if (!afford(from, bytes, now)) return;
    fx.emplace_back(gossip_out::send{from, std::move(page)});
  }
}

void anti_entropy::on(const node_id& from, const wire::sync_entries& theirs, mono_time now, gossip_effects& fx) {
  if (!afford(from, message_bytes + theirs.entries.size() * entry_bytes, now)) return;
  wire::sync_wants wants;
  std::vector<std::uint64_t> newer_here;
  std::set<std::uint64_t> told;
  for (const auto& entry : theirs.entries) {
    told.insert(entry.key);
    const auto mine = stores_.version_of(entry.key);
    if (!mine || *mine < entry.version) {
      wants.keys.push_back(entry.key);
    } else if (entry.version < *mine) {
      newer_here.push_back(entry.key);
    }
  }
  for (const auto bucket : theirs.buckets)
    for (const auto& entry : stores_.entries(bucket))
      if (!told.contains(entry.key)) newer_here.push_back(entry.key);
  if (!wants.keys.empty()) fx.emplace_back(gossip_out::send{from, std::move(wants)});
  give(from, newer_here, now, fx);
}

void anti_entropy::on(const node_id& from, const wire::sync_wants& wants, mono_time now, gossip_effects& fx) {
  give(from, wants.keys, now, fx);
}

void anti_entropy::on(const node_id& from, const wire::identity_wants& wants, mono_time now, gossip_effects& fx) {
  std::vector<std::uint64_t> keys;
  keys.reserve(wants.nodes.size());
  for (const auto& node : wants.nodes)
    keys.push_back(key_of(wire::item_kind::identity, node));
  give(from, keys, now, fx);
}

void anti_entropy::tick(const std::set<node_id>& neighbors, mono_time now, gossip_effects& fx) {
  if (!next_round_)
    next_round_ = now + microseconds{static_cast<std::int64_t>(
                            random_.below(static_cast<std::uint64_t>(microseconds{limits::sync_interval}.count())))};
  if (now >= *next_round_) {
    if (!neighbors.empty())
      want(*std::next(neighbors.begin(), static_cast<std::ptrdiff_t>(random_.below(neighbors.size()))));
    const auto jitter = static_cast<std::uint64_t>(microseconds{limits::sync_interval}.count() / 4);
    next_round_ = now + limits::sync_interval + microseconds{static_cast<std::int64_t>(random_.below(jitter))};
    std::erase_if(allowances_, [&](const auto& entry) { return entry.second.whole(now); });
  }
  if (wanted_.empty() || now < next_start_) return;
  fx.emplace_back(gossip_out::send{wanted_.front(), wire::sync_root{root_of(stores_.hashes())}});
  wanted_.pop_front();
  next_start_ = now + limits::sync_spacing;
}

mono_time anti_entropy::next_tick() const noexcept {
  if (!next_round_) return {};
  return wanted_.empty() ? *next_round_ : std::min(*next_round_, next_start_);
}

/// Counts what a peer makes this node do, by its bytes.
bool anti_entropy::afford(const node_id& peer, std::size_t bytes, mono_time now) {
  auto& of = allowances_.try_emplace(peer, limits::sync_burst_bytes, limits::sync_bytes_per_s).first->second;
  if (of.spend(static_cast<std::int64_t>(bytes), now)) return true;
  reached("anti_entropy.asked_too_often");
  return false;
}

/// Identities first, so that what their nodes signed can be checked as it comes.
void anti_entropy::give(const node_id& to, const std::vector<std::uint64_t>& keys, mono_time now, gossip_effects& fx) {
  std::vector<wire::item> items;
  for (const auto key : keys) {
    if (!afford(to, entry_bytes, now)) break;
    auto item = stores_.find(key);
    if (!item) continue;
    if (!afford(to, item_frame_bytes + item->bytes.size(), now)) break;
    items.push_back(std::move(*item));
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const wire::item& a, const wire::item& b) { return a.kind < b.kind; });
  send_items(to, items, true, fx);
}

} // namespace weft::membership
