// tests/system/cable.cpp: a network cable between two namespaces that loses, delays, reorders and can be cut one way.
//
//     cable SEED NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B
//
// makes a TAP device in each namespace and carries frames between them. Lines on standard input set one or both ways:
//
//     WAY delay_us loss_ppm reorder_ppm bytes_per_s        WAY: ab, ba or both; a rate of 0 is unlimited
//     WAY cut
//
// Each line is answered with "ok"; the first "ok" says that the devices are there. At the end of the input, or on a
// signal, the devices are gone. What is lost and reordered follows from the seed and the order of the frames.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <map>
#include <poll.h>
#include <random>
#include <sched.h>
#include <sstream>
#include <string>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::size_t frame_bytes_max = 65'536;
constexpr std::size_t waiting_frames_max = 20'000; // a queue that is full drops, as a router's does
constexpr std::int64_t reordered_by_us = 5'000;    // a reordered frame is this much later than its turn
constexpr int frames_at_once = 64;                 // then the other way gets its turn

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "cable: " << what << ": " << std::strerror(errno) << '\n';
  std::exit(1);
}

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// A TAP device in a namespace; this thread stays there.
int open_tap(const std::string& name_space, const std::string& device) {
  const int place = ::open(("/run/netns/" + name_space).c_str(), O_RDONLY | O_CLOEXEC);
  if (place < 0 || ::setns(place, CLONE_NEWNET) != 0) give_up("no namespace " + name_space);
  ::close(place);
  const int tap = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0) give_up("no /dev/net/tun");
  ifreq wanted{};
  wanted.ifr_flags = IFF_TAP | IFF_NO_PI;
  device.copy(wanted.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(tap, TUNSETIFF, &wanted) != 0) give_up("no device " + device);
  return tap;
}

/// One direction: what it does to frames, and those under way.
class way {
public:
  way(int from, int to, std::uint64_t seed) : from_(from), to_(to), random_(seed) {}

  void set(std::istringstream& words) {
    std::string first;
    words >> first;
    cut_ = first == "cut";
    if (cut_) return;
    delay_us_ = std::stoll(first);
    words >> loss_ppm_ >> reorder_ppm_ >> bytes_per_s_;
  }

  void take() {
    std::array<char, frame_bytes_max> buffer{};
    for (int count = 0; count < frames_at_once; ++count) {
      const auto length = ::read(from_, buffer.data(), buffer.size());
      if (length <= 0) return;
      accept({buffer.data(), buffer.data() + length});
    }
  }

  /// @returns when the next frame is due, or -1
  std::int64_t deliver(std::int64_t now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      const auto& frame = waiting_.begin()->second;
      // A device that is full or down loses the frame, as any cable would.
      [[maybe_unused]] const auto written = ::write(to_, frame.data(), frame.size());
      waiting_.erase(waiting_.begin());
    }
    return waiting_.empty() ? -1 : waiting_.begin()->first;
  }

  [[nodiscard]] int source() const { return from_; }

private:
  bool happens(std::uint32_t ppm) { return std::uniform_int_distribution<std::uint32_t>(0, 999'999)(random_) < ppm; }

  void accept(std::vector<char> frame) {
    const bool lost = happens(loss_ppm_);
    const bool late = happens(reorder_ppm_);
    if (cut_ || lost || waiting_.size() >= waiting_frames_max) return;
    const auto now = now_us();
    if (bytes_per_s_ > 0) {
      free_at_ = std::max(free_at_, now) + static_cast<std::int64_t>(frame.size()) * 1'000'000 / bytes_per_s_;
    } else {
      free_at_ = now;
    }
    waiting_.emplace(free_at_ + delay_us_ + (late ? reordered_by_us : 0), std::move(frame));
  }

  int from_, to_;
  std::mt19937_64 random_;
  std::multimap<std::int64_t, std::vector<char>> waiting_; // by when they are due
  std::int64_t delay_us_ = 0, bytes_per_s_ = 0, free_at_ = 0;
  std::uint32_t loss_ppm_ = 0, reorder_ppm_ = 0;
  bool cut_ = false;
};

/// @returns false at the end of the input
bool take_orders(way& ab, way& ba) {
  std::string line;
  if (!std::getline(std::cin, line)) return false;
  std::istringstream words(line);
  std::string which;
  words >> which;
  const auto rest = words.tellg();
  for (auto* item : {&ab, &ba}) {
    if (which != "both" && which != (item == &ab ? "ab" : "ba")) continue;
    words.clear();
    words.seekg(rest);
    item->set(words);
  }
  std::cout << "ok" << std::endl;
  return true;
}

void carry(way& ab, way& ba) {
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer < 0) give_up("no timer");
  for (;;) {
    const auto now = now_us();
    auto due = ab.deliver(now);
    if (const auto other = ba.deliver(now); due < 0 || (other >= 0 && other < due)) due = other;
    itimerspec at{};
    if (due >= 0) {
      const auto left = std::max<std::int64_t>(1, due - now_us());
      at.it_value = {left / 1'000'000, left % 1'000'000 * 1'000};
    }
    ::timerfd_settime(timer, 0, &at, nullptr);
    std::array<pollfd, 4> ready{
        {{STDIN_FILENO, POLLIN, 0}, {timer, POLLIN, 0}, {ab.source(), POLLIN, 0}, {ba.source(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) give_up("poll");
    if (ready[0].revents != 0 && !take_orders(ab, ba)) return;
    std::uint64_t expired = 0;
    if (ready[1].revents != 0 && ::read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN) give_up("timer");
    if (ready[2].revents != 0) ab.take();
    if (ready[3].revents != 0) ba.take();
  }
}

} // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::cerr << "usage: cable SEED NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B\n";
    return 2;
  }
  std::setvbuf(stdin, nullptr, _IONBF, 0); // a line inside a buffer would not wake poll
  const auto seed = std::strtoull(words[1], nullptr, 10);
  const int a = open_tap(words[2], words[3]);
  const int b = open_tap(words[4], words[5]);
  way ab(a, b, seed);
  way ba(b, a, seed + 1);
  std::cout << "ok" << std::endl;
  carry(ab, ba);
  return 0;
}
