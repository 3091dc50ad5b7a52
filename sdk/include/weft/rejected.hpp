// weft/rejected.hpp: what a handler throws for an event that can never be handled.
#pragma once
#include "weft/api.hpp"

#include <stdexcept>

namespace weft {

/// Thrown by a handler of a group or a service: trying the event again is of no use. The group does with it at once
/// what `on_failing` says for one that has failed too often; with failing_event::block it is tried for ever all the
/// same. By the function of an errand: it ends without being done, which its continuation is told. Elsewhere it is any
/// exception: a subscription ends, with errc::rejected, the caller of a request is told, and a timer's handler is
/// called again.
class WEFT_API rejected : public std::runtime_error {
public:
  using std::runtime_error::runtime_error; ///< with the cause, for the operator
};

} // namespace weft
