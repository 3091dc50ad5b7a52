// gui/core/replay.hpp: a moment of the past, made of frames that are kept.
#pragma once
#include "gui/core/heard_frame.hpp"
#include "gui/core/mesh_fold.hpp"

#include <span>
#include <stop_token>

namespace weft::monitor {

/// Folds frames into one picture, those of a node in their order. What a node said stands by itself, so nodes are
/// shared among some threads: the same frames give the same fold, however many there are. What can't be read is passed
/// over.
/// @param threads  at most; this one is one of them
/// @returns a part of it when it was stopped
[[nodiscard]] mesh_fold replay(std::span<const heard_frame> frames, const std::string& mesh, std::size_t threads,
                               const std::stop_token& stop = {});
/// With as many threads as the machine has processors, up to limits::seek_threads_max.
[[nodiscard]] mesh_fold replay(std::span<const heard_frame> frames, const std::string& mesh,
                               const std::stop_token& stop = {});

} // namespace weft::monitor
