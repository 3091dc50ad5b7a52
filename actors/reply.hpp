// actors/reply.hpp: an answer that always comes.
#pragma once
#include "mesh/base/result.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace weft::actors {

/// Carries an answer back to who asked. When it is destroyed unused, as with a message that a crash dropped, the asker
/// gets errc::cancelled: nobody waits for an actor that is gone. Copies share the one answer.
/// @thread any; the function runs on the answering thread and must not block
template <class T>
class reply {
public:
  using function = std::function<void(result<T>)>;

  reply() = default;
  explicit reply(function to) : once_(std::make_shared<once>(std::move(to))) {}

  /// Not inlined: GCC 12 takes the error of an answer that is none for uninitialized.
  [[gnu::noinline]] void operator()(result<T> answer) const {
    if (once_) once_->answer(std::move(answer));
  }

private:
  struct once {
    explicit once(function f) : to(std::move(f)) {}
    once(const once&) = delete;
    once& operator=(const once&) = delete;
    ~once() {
      if (to) to(fail(errc::cancelled, "the part of the node that was asked went away"));
    }
    void answer(result<T> value) {
      if (auto call = std::exchange(to, nullptr)) call(std::move(value));
    }
    function to;
  };
  std::shared_ptr<once> once_;
};

} // namespace weft::actors
