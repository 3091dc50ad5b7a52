// weft/weft.hpp: all of the SDK but weft/flat.hpp, which needs FlatBuffers.
#pragma once
#include "weft/ack.hpp"
#include "weft/client.hpp"
#include "weft/codec.hpp"
#include "weft/describe.hpp"
#include "weft/event.hpp"
#include "weft/node.hpp"
#include "weft/participant.hpp"
#include "weft/publisher.hpp"
#include "weft/report.hpp"
#include "weft/service.hpp"
#include "weft/subscription.hpp"
#include "weft/topic.hpp"
