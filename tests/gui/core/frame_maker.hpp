// tests/gui/core/frame_maker.hpp: frames of a node in few words.
#pragma once
#include "gui/core/limits.hpp"
#include "mesh/telemetry/frame.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::monitor {

/// One frame of a node; each verb adds a row and gives it back.
struct frame_maker {
  telemetry::FrameT frame;

  frame_maker(std::string node, std::uint64_t sequence, time_us at, bool whole = false) {
    frame.node = std::move(node);
    frame.started_us = 1;
    frame.sequence = sequence;
    frame.time_us = at;
    frame.whole = whole;
  }
  template <class Row>
  Row& row(std::vector<std::unique_ptr<Row>>& list, const std::string& name) {
    list.push_back(std::make_unique<Row>());
    list.back()->name = name;
    return *list.back();
  }
  telemetry::NodeT& node(const std::string& name, std::string state) {
    auto& made = row(frame.nodes, name);
    made.state = std::move(state);
    return made;
  }
  telemetry::LinkT& link(const std::string& other) { return row(frame.links, other); }
  telemetry::TopicT& topic(const std::string& name, std::uint64_t end) {
    auto& made = row(frame.topics, name);
    made.end = made.events = end;
    return made;
  }
  telemetry::GroupT& group(const std::string& name) { return row(frame.groups, name); }
  telemetry::LagT& lag(const std::string& group, std::string topic, std::uint64_t events, double seconds) {
    auto& made = row(frame.lag, group);
    made.topic = std::move(topic);
    made.events = events;
    made.seconds = seconds;
    return made;
  }
  telemetry::FlowT& flow(std::string from, std::string to, std::vector<std::string> path, std::uint64_t events) {
    auto& made = row(frame.flows, "packers");
    made.from = std::move(from);
    made.to = std::move(to);
    made.pattern = "orders";
    made.path = std::move(path);
    made.events = events;
    return made;
  }
  telemetry::ServiceT& service(const std::string& name, std::string state) {
    auto& made = row(frame.services, name);
    made.state = std::move(state);
    return made;
  }
  telemetry::LatencyT& latency(std::string what, const std::string& name, const telemetry::sketch& of) {
    auto& made = row(frame.latencies, name);
    made.what = std::move(what);
    telemetry::set_buckets(made, of);
    return made;
  }
  void gone(telemetry::Kind kind, std::string key) {
    frame.gone.push_back(std::make_unique<telemetry::GoneT>());
    frame.gone.back()->kind = kind;
    frame.gone.back()->key = std::move(key);
  }
};

} // namespace weft::monitor
