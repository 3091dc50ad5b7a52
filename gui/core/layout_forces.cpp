#include "gui/core/layout_forces.hpp"

#include <algorithm>
#include <igraph.h>
#include <mutex>

namespace weft::monitor {
namespace {

constexpr int steps_at_once = 20; // between two looks at the stop token: a few ms

/// Owns igraph's vectors of one field.
class igraph_field {
public:
  explicit igraph_field(const force_field& field) {
    const auto points = static_cast<igraph_integer_t>(field.points.size());
    igraph_vector_int_t ends;
    igraph_vector_int_init(&ends, static_cast<igraph_integer_t>(2 * field.links.size()));
    for (std::size_t at = 0; at < field.links.size(); ++at) {
      VECTOR(ends)[2 * at] = static_cast<igraph_integer_t>(field.links[at].a);
      VECTOR(ends)[2 * at + 1] = static_cast<igraph_integer_t>(field.links[at].b);
    }
    igraph_create(&graph_, &ends, points, IGRAPH_UNDIRECTED);
    igraph_vector_int_destroy(&ends);
    igraph_matrix_init(&places_, points, 2);
    for (igraph_integer_t at = 0; at < points; ++at) {
      MATRIX(places_, at, 0) = field.points[static_cast<std::size_t>(at)].x;
      MATRIX(places_, at, 1) = field.points[static_cast<std::size_t>(at)].y;
    }
    fill(weights_, field.weights.size(), [&](std::size_t at) { return field.weights[at]; });
    fill(left_, field.least.size(), [&](std::size_t at) { return field.least[at].x; });
    fill(right_, field.most.size(), [&](std::size_t at) { return field.most[at].x; });
    fill(top_, field.least.size(), [&](std::size_t at) { return field.least[at].y; });
    fill(bottom_, field.most.size(), [&](std::size_t at) { return field.most[at].y; });
    bounded_ = !field.least.empty();
  }
  igraph_field(const igraph_field&) = delete;
  igraph_field& operator=(const igraph_field&) = delete;
  ~igraph_field() {
    for (auto* of : {&weights_, &left_, &right_, &top_, &bottom_})
      igraph_vector_destroy(of);
    igraph_matrix_destroy(&places_);
    igraph_destroy(&graph_);
  }

  bool move(int steps, double first_step) {
    const auto* weights = igraph_vector_size(&weights_) == 0 ? nullptr : &weights_;
    return igraph_layout_fruchterman_reingold(&graph_, &places_, true, steps, first_step, IGRAPH_LAYOUT_NOGRID, weights,
                                              bounded_ ? &left_ : nullptr, bounded_ ? &right_ : nullptr,
                                              bounded_ ? &top_ : nullptr,
                                              bounded_ ? &bottom_ : nullptr) == IGRAPH_SUCCESS;
  }
  [[nodiscard]] layout_point point(std::size_t at) const {
    const auto row = static_cast<igraph_integer_t>(at);
    return {MATRIX(places_, row, 0), MATRIX(places_, row, 1)};
  }

private:
  template <class Value>
  static void fill(igraph_vector_t& to, std::size_t size, Value value) {
    igraph_vector_init(&to, static_cast<igraph_integer_t>(size));
    for (std::size_t at = 0; at < size; ++at)
      VECTOR(to)[at] = value(at);
  }

  igraph_t graph_{};
  igraph_matrix_t places_{};
  igraph_vector_t weights_{}, left_{}, right_{}, top_{}, bottom_{};
  bool bounded_ = false;
};

std::mutex& one_at_a_time() {
  static std::mutex of_igraph;
  return of_igraph;
}

} // namespace

bool move_by_forces(force_field& field, const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  if (field.points.size() < 2) return true;
  const std::lock_guard lock(one_at_a_time());
  igraph_set_error_handler(igraph_error_handler_ignore); // else it ends the program
  igraph_rng_seed(igraph_rng_default(), field.seed);
  igraph_field in(field);
  for (int done = 0; done < field.steps; done += steps_at_once) {
    if (stop.stop_requested()) return false;
    const double left = 1 - static_cast<double>(done) / field.steps;
    if (!in.move(std::min(steps_at_once, field.steps - done), field.first_step * left)) return true;
  }
  for (std::size_t at = 0; at < field.points.size(); ++at)
    field.points[at] = in.point(at);
  return true;
}

} // namespace weft::monitor
