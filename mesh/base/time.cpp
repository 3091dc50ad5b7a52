#include "mesh/base/time.hpp"

namespace weft {
namespace {

class os_clock final : public clock {
public:
  wall_time wall() const override { return {since_epoch<std::chrono::system_clock>()}; }
  mono_time mono() const override { return {since_epoch<std::chrono::steady_clock>()}; }

private:
  template <class Source>
  static std::int64_t since_epoch() {
    return std::chrono::duration_cast<microseconds>(Source::now().time_since_epoch()).count();
  }
};

} // namespace

clock& system_clock() noexcept {
  static os_clock instance;
  return instance;
}

} // namespace weft
