#include "tests/bench/hosts.hpp"

#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <future>
#include <sched.h>
#include <unistd.h>

namespace weft::bench {

host::host() {
  std::promise<std::string> ready;
  thread_ = std::jthread([this, &ready](const std::stop_token& stop) {
    if (::unshare(CLONE_NEWNET) != 0) {
      ready.set_exception(std::make_exception_ptr(no_right_to_make_hosts("network namespaces take root")));
      return;
    }
    ready.set_value(fmt::format("/proc/{}/task/{}/ns/net", ::getpid(), ::gettid()));
    serve(stop);
  });
  space_ = ready.get_future().get();
  ip("link set lo up");
}

void host::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return work_ != nullptr; })) {
    (*work_)();
    work_ = nullptr;
    changed_.notify_all();
  }
}

void host::run(const std::function<void()>& work) {
  std::exception_ptr problem;
  const std::function<void()> caught = [&] {
    try {
      work();
    } catch (...) {
      problem = std::current_exception();
    }
  };
  std::unique_lock lock(mutex_);
  work_ = &caught;
  changed_.notify_all();
  changed_.wait(lock, [this] { return work_ == nullptr; });
  if (problem) std::rethrow_exception(problem);
}

void host::ip(const std::string& words) {
  run([&words] {
    if (std::system(("ip " + words).c_str()) != 0) throw std::runtime_error("ip " + words + " failed");
  });
}

chain_of_hosts::chain_of_hosts(std::size_t count) {
  for (std::size_t number = 0; number < count; ++number) {
    hosts_.push_back(std::make_unique<host>());
    if (number == 0) continue;
    auto& here = *hosts_[number];
    auto& before = *hosts_[number - 1];
    const auto cable = fmt::format("cable{}", number - 1);
    before.ip(fmt::format("link add {0} type veth peer name {0} netns {1}", cable, here.space()));
    const auto join = [&cable](host& end, std::size_t own, std::size_t other) {
      end.ip(fmt::format("address add {}/32 dev {}", address(own), cable));
      end.ip(fmt::format("link set {} up", cable));
      end.ip(fmt::format("route add {} dev {} src {}", address(other), cable, address(own)));
    };
    join(before, number - 1, number);
    join(here, number, number - 1);
  }
}

std::string chain_of_hosts::address(std::size_t number) { return fmt::format("10.79.0.{}", number + 1); }

} // namespace weft::bench
