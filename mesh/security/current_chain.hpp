// mesh/security/current_chain.hpp: the node's own certificate as it is now.
#pragma once
#include "mesh/security/chain.hpp"

#include <memory>
#include <mutex>

namespace weft::security {

/// Renewed while the node runs: who opens a link takes what is current then.
/// @thread any
class current_chain {
public:
  explicit current_chain(certificate_chain first)
      : chain_(std::make_shared<const certificate_chain>(std::move(first))) {}

  [[nodiscard]] std::shared_ptr<const certificate_chain> get() const {
    const std::lock_guard lock(mutex_);
    return chain_;
  }
  void set(certificate_chain renewed) {
    auto next = std::make_shared<const certificate_chain>(std::move(renewed));
    const std::lock_guard lock(mutex_);
    chain_.swap(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const certificate_chain> chain_;
};

} // namespace weft::security
