#include "gui/core/replay.hpp"

#include "gui/core/limits.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

namespace weft::monitor {
namespace {

using node_frames = std::vector<const heard_frame*>;

/// Nodes that said the most come first, so that no thread is left alone with them at the end.
std::vector<node_frames> by_node(std::span<const heard_frame> frames) {
  std::map<std::string_view, node_frames> found;
  for (const auto& frame : frames)
    found[frame.node].push_back(&frame);
  std::vector<node_frames> made;
  made.reserve(found.size());
  for (auto& [node, said] : found)
    made.push_back(std::move(said));
  std::ranges::stable_sort(made, std::ranges::greater(), &node_frames::size);
  return made;
}

} // namespace

mesh_fold replay(std::span<const heard_frame> frames, const std::string& mesh, std::size_t threads,
                 const std::stop_token& stop) {
  const auto nodes = by_node(frames);
  std::vector<mesh_fold> folds(std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(nodes.size(), 1)),
                               mesh_fold(mesh));
  std::atomic<std::size_t> next = 0;
  const auto work = [&](mesh_fold& into) {
    for (std::size_t at = next++; at < nodes.size() && !stop.stop_requested(); at = next++)
      for (const auto* frame : nodes[at])
        if (auto read = telemetry::decode(*frame->bytes)) into.take(std::move(*read), frame->heard_at);
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t at = 1; at < folds.size(); ++at)
      others.emplace_back([&work, &into = folds[at]] { work(into); });
    work(folds[0]);
  }
  for (std::size_t at = 1; at < folds.size(); ++at)
    folds[0].take_over(std::move(folds[at]));
  return std::move(folds[0]);
}

mesh_fold replay(std::span<const heard_frame> frames, const std::string& mesh, const std::stop_token& stop) {
  return replay(frames, mesh, std::min<std::size_t>(std::thread::hardware_concurrency(), limits::seek_threads_max),
                stop);
}

} // namespace weft::monitor
