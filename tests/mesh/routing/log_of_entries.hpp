// tests/mesh/routing/log_of_entries.hpp: a log of entries with real headers, and a hop that serves it to a relay.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/routing/relay.hpp"
#include "mesh/wire/entry.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <map>

namespace weft::routing {

/// What a filter makes of an entry.
enum class entry_fate : std::uint8_t { passes, left_out, gone };

struct log_of_entries {
  struct one {
    epoch opening;
    seq first, end;
    shared_bytes bytes;
    entry_fate fate = entry_fate::passes;
  };
  log_id id{};
  epoch opening{1, 7};
  std::vector<one> entries;

  [[nodiscard]] seq end() const { return entries.empty() ? seq{0} : entries.back().end; }
  void append(std::size_t body, entry_fate fate = entry_fate::passes, std::uint32_t count = 1) {
    wire::entry_header header;
    header.body_length = static_cast<std::uint32_t>(body);
    header.epoch = opening;
    header.first_seq = end();
    header.count = count;
    std::vector<std::byte> bytes(header.stored_bytes());
    wire::encode(header, wire::checksum_seed(id, opening), std::span(bytes).first<limits::entry_header_bytes>());
    entries.push_back({opening, end(), end() + count, shared_bytes::take(std::move(bytes)), fate});
  }
  void reopen() { opening = epoch{opening.count() + 1, 3}; }
  [[nodiscard]] std::size_t index_of(seq at) const {
    std::size_t i = 0;
    while (i < entries.size() && entries[i].first < at)
      ++i;
    return i;
  }
  /// First seqs of what a consumer of [from, until) gets.
  [[nodiscard]] std::vector<seq> expected(seq from, seq until) const {
    std::vector<seq> all;
    for (const auto& entry : entries)
      if (entry.fate == entry_fate::passes && entry.first >= from && entry.end <= until) all.push_back(entry.first);
    return all;
  }
  [[nodiscard]] std::vector<seq> seqs_in(const wire::run& run, const shared_bytes& payload) const {
    std::vector<seq> found;
    for (std::size_t at = 0; at < payload.size();) {
      const auto header = wire::decode_header(payload.view().subspan(at), wire::checksum_seed(id, run.epoch));
      if (!header) {
        ADD_FAILURE() << header.error().message();
        break;
      }
      found.push_back(header->first_seq);
      at += header->stored_bytes();
    }
    return found;
  }
};

/// Serves legs from the log, within their credit.
struct serving_hop {
  struct leg {
    log_position next;
    std::uint64_t limit = 0, used = 0;
  };
  const log_of_entries* log = nullptr;
  std::map<std::uint64_t, leg> legs{};
  std::uint64_t bytes = 0; // sent

  relay_in::leg_opened open(const relay_out::demand& wanted) {
    log_position at = wanted.start.at;
    if (wanted.start.kind == wire::start_kind::beginning)
      at = {log->entries.empty() ? log->opening : log->entries.front().opening, seq{0}};
    else if (wanted.start.kind != wire::start_kind::position)
      at = {log->opening, log->end()};
    legs[wanted.leg] = {at, wanted.window, 0};
    return {wanted.leg, at};
  }
  /// At most so many entries of one epoch in one run, as far as credit goes; a gap alone; at the end a heartbeat.
  std::optional<relay_in::leg_run> run(std::uint64_t number, std::size_t entries_max) {
    auto& to = legs.at(number);
    auto i = log->index_of(to.next.seq);
    wire::run made;
    made.epoch = i < log->entries.size() ? log->entries[i].opening : std::max(to.next.epoch, log->opening);
    made.from = made.until = to.next.seq;
    made.head = log->end();
    std::vector<std::byte> payload;
    for (; entries_max > 0 && i < log->entries.size() && log->entries[i].opening == made.epoch; ++i, --entries_max) {
      const auto& entry = log->entries[i];
      if (entry.fate == entry_fate::gone) {
        if (made.until != made.from) break;
        made.gap_code = errc::log_start;
        made.until = entry.end;
        break;
      }
      if (entry.fate == entry_fate::passes) {
        const auto size = payload.size() + entry.bytes.size();
        if (run_cost(size) > to.limit - to.used || size > limits::run_bytes_max) break;
        payload.insert(payload.end(), entry.bytes.view().begin(), entry.bytes.view().end());
      }
      made.until = entry.end;
    }
    if (made.until == made.from && i < log->entries.size()) return std::nullopt; // no credit
    to.used += run_cost(payload.size());
    to.next = {made.epoch, made.until};
    bytes += payload.size();
    return relay_in::leg_run{number, made, shared_bytes::take(std::move(payload))};
  }
};

/// The far end of a downstream flow: checks everything, takes when told.
struct checking_consumer {
  std::optional<flow_sink> sink;
  seq start;
  std::uint64_t window = limits::flow_window_bytes_min;
  std::vector<seq> got;
  std::uint64_t waiting = 0; // cost
  std::size_t gaps = 0, beats = 0;
  std::optional<error> closed;

  void opened(const log_position& at) {
    start = at.seq;
    sink.emplace(at, window);
  }
  result<void> take(const log_of_entries& log, const relay_out::forward& sent) {
    auto good = sink->on_run({sent.run.epoch, sent.run.from, sent.run.until}, sent.payload.size());
    waiting += run_cost(sent.payload.size());
    const auto seqs = log.seqs_in(sent.run, sent.payload);
    got.insert(got.end(), seqs.begin(), seqs.end());
    gaps += sent.run.gap_code == errc::ok ? 0U : 1U;
    beats += sent.run.from == sent.run.until ? 1U : 0U;
    return good;
  }
  std::optional<std::uint64_t> consume(std::uint64_t cost) {
    cost = std::min(cost, waiting);
    waiting -= cost;
    return cost == 0 ? std::nullopt : sink->consumed(cost);
  }
};

} // namespace weft::routing
