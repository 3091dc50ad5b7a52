#include "mesh/membership/contacts.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

namespace weft::membership {
namespace {

/// Half of the time at least, so that nodes that start together don't meet in step.
microseconds jittered(microseconds time, random_source& random) {
  const auto half = static_cast<std::uint64_t>(time.count()) / 2;
  return microseconds{static_cast<std::int64_t>(half + random.below(half + 1))};
}

} // namespace

contacts::contacts(random_source& random, mono_time now)
    : random_(random),
      next_(now + jittered(limits::contact_interval, random)),
      next_seeds_(now + jittered(limits::contact_interval, random)) {}

void contacts::begin(const std::vector<node_id>& unlinked, mono_time now, effects& fx) {
  next_ = now + jittered(limits::contact_interval, random_);
  if (unlinked.empty()) return;
  under_way_ = meeting{unlinked[random_.below(unlinked.size())], false, now + limits::contact_within};
  fx.emplace_back(out::meet{under_way_->who});
}

void contacts::linked(const node_id& who, mono_time now, effects& fx) {
  if (!meets(who) || under_way_->compared) return;
  under_way_->compared = true;
  under_way_->until = now + limits::contact_within;
  fx.emplace_back(out::compare{who});
}

void contacts::unreachable(const node_id& who, mono_time now, effects& fx) {
  if (!meets(who) || under_way_->compared) return;
  reached("contacts.nobody_there");
  fx.emplace_back(out::missing{who});
  end(now, fx);
}

void contacts::tick(mono_time now, effects& fx) {
  if (seeds_until_ && now >= *seeds_until_) {
    seeds_until_.reset();
    fx.emplace_back(out::seeds{false});
  } else if (!seeds_until_ && now >= next_seeds_) {
    seeds_until_ = now + limits::contact_within;
    next_seeds_ = now + jittered(limits::seed_interval, random_);
    fx.emplace_back(out::seeds{true});
  }
  if (!under_way_ || now < under_way_->until) return;
  if (!under_way_->compared) fx.emplace_back(out::missing{under_way_->who});
  end(now, fx);
}

mono_time contacts::next_tick() const noexcept {
  return std::min(under_way_ ? under_way_->until : next_, seeds_until_.value_or(next_seeds_));
}

void contacts::end(mono_time now, effects& fx) {
  fx.emplace_back(out::part{under_way_->who});
  under_way_.reset();
  next_ = std::max(next_, now);
}

} // namespace weft::membership
