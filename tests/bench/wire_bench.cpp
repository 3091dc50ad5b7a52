// tests/bench/wire_bench.cpp: what one event costs in a batch: encoding, verifying, filtering, extracting. The limit is
// a memcpy of the same keys and values, measured in the same run.
#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/event_filter.hpp"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

namespace {

using namespace weft;
using namespace weft::wire;

constexpr std::size_t keys = 1000;
const std::vector<std::string>& key_texts() {
  static const auto texts = [] {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < keys; ++i)
      made.push_back("order-" + std::to_string(i * 7919));
    return made;
  }();
  return texts;
}

/// Fills the builder with events of one type until `events` or until it is full. @returns how many
std::size_t fill(batch_builder& builder, std::string_view value, std::size_t events) {
  std::size_t count = 0;
  for (; count < events && !builder.full(); ++count)
    WEFT_ASSERT(builder.add({.time = {1'700'000'000'000'000 + static_cast<std::int64_t>(count)},
                             .type = "OrderPlaced",
                             .key = as_bytes(key_texts()[count % keys]),
                             .value = as_bytes(value)}));
  return count;
}

shared_bytes full_batch(std::size_t value_bytes, codec how = codec::none) {
  batch_builder builder("retail.orders", producer_id{7}, how);
  fill(builder, std::string(value_bytes, 'v'), limits::batch_events_max);
  return builder.seal(0);
}

void count_events(benchmark::State& state, std::size_t events) {
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
}

/// The limit: the same keys and values one behind the other.
void copy(benchmark::State& state, std::size_t value_bytes) {
  const std::string value(value_bytes, 'v');
  std::vector<char> into(limits::batch_bytes_max);
  std::size_t events = 0;
  const auto in_batch = batch_view::trusted(full_batch(value_bytes)).count();
  for (auto _ : state) {
    auto* to = into.data();
    for (std::size_t i = 0; i < in_batch; ++i) {
      const auto& key = key_texts()[i % keys];
      to = std::copy(key.begin(), key.end(), to);
      to = std::copy(value.begin(), value.end(), to);
      benchmark::DoNotOptimize(to);
    }
    events += in_batch;
  }
  count_events(state, events);
}

void encode(benchmark::State& state, std::size_t value_bytes, std::size_t batch_events) {
  const std::string value(value_bytes, 'v');
  batch_builder builder("retail.orders", producer_id{7}, codec::none);
  std::size_t events = 0;
  for (auto _ : state) {
    events += fill(builder, value, batch_events);
    benchmark::DoNotOptimize(builder.seal(events));
  }
  count_events(state, events);
}

void verify(benchmark::State& state, std::size_t value_bytes) {
  const auto bytes = full_batch(value_bytes);
  std::size_t events = 0;
  for (auto _ : state)
    events += batch_view::verify(bytes)->count();
  count_events(state, events);
}

void read(benchmark::State& state, std::size_t value_bytes) {
  const auto batch = batch_view::trusted(full_batch(value_bytes));
  std::size_t events = 0;
  for (auto _ : state) {
    const auto data = *batch.unpack();
    for (std::size_t i = 0; i < batch.count(); ++i)
      benchmark::DoNotOptimize(batch.event(i, data.view()));
    events += batch.count();
  }
  count_events(state, events);
}

event_filter half_of_slots() {
  event_filter filter;
  filter.slots.emplace();
  for (std::size_t slot = 0; slot < limits::slots; slot += 2)
    filter.slots->set(slot);
  return filter;
}

void filter_slots(benchmark::State& state, std::size_t value_bytes) {
  const auto batch = batch_view::trusted(full_batch(value_bytes));
  const auto filter = half_of_slots();
  std::size_t events = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(*select(batch, filter));
    events += batch.count();
  }
  count_events(state, events);
}

void extract(benchmark::State& state, std::size_t value_bytes) {
  const auto batch = batch_view::trusted(full_batch(value_bytes));
  const auto chosen = *select(batch, half_of_slots());
  std::size_t events = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(*make_extract(batch, chosen));
    events += chosen.size();
  }
  count_events(state, events);
}

struct figure {
  std::string name;
  std::string limit{}; ///< name of the figure that bounds it; empty: none
};

template <class Body>
figure measure(const std::string& name, Body body, const std::string& limit) {
  benchmark::RegisterBenchmark(name.c_str(), body)->Repetitions(5)->MinTime(0.1);
  return {name, limit};
}

std::vector<figure> all_figures() {
  std::vector<figure> figures;
  for (const std::size_t bytes : {100U, 1024U}) {
    const auto name = [bytes](const char* what) { return "wire." + std::string(what) + "." + std::to_string(bytes); };
    const auto bounded = [&](const char* what, auto body) {
      figures.push_back(measure(name(what), body, name("memcpy")));
    };
    figures.push_back(measure(
        name("memcpy"), [bytes](auto& state) { copy(state, bytes); }, ""));
    bounded("encode", [bytes](auto& state) { encode(state, bytes, limits::batch_events_max); });
    bounded("encode_alone", [bytes](auto& state) { encode(state, bytes, 1); });
    bounded("extract", [bytes](auto& state) { extract(state, bytes); });
    const auto unbounded = [&](const char* what, auto body) { figures.push_back(measure(name(what), body, "")); };
    unbounded("verify", [bytes](auto& state) { verify(state, bytes); });
    unbounded("read", [bytes](auto& state) { read(state, bytes); });
    unbounded("filter_slots", [bytes](auto& state) { filter_slots(state, bytes); });
  }
  return figures;
}

/// Keeps the median of each benchmark, in events a second.
class medians : public benchmark::BenchmarkReporter {
public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs)
      if (run.aggregate_name == "median") rates[run.run_name.function_name] = run.counters.at("items_per_second").value;
  }
  std::map<std::string, double> rates;
};

} // namespace

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::string_view(argv[1]) == "--json";
  const auto figures = all_figures();
  medians found;
  benchmark::RunSpecifiedBenchmarks(&found);

  auto document = nlohmann::json{{"figures", nlohmann::json::array()}};
  for (const auto& [name, limit] : figures) {
    const auto rate = found.rates.at(name);
    nlohmann::json entry{{"name", name}, {"value", rate}, {"unit", "events/s"}, {"limit", nullptr}, {"ratio", nullptr}};
    if (!limit.empty()) {
      entry["limit"] = found.rates.at(limit);
      entry["ratio"] = rate / found.rates.at(limit);
    }
    if (!json)
      std::printf("%-24s %12.0f events/s %8.2f ns/event%s\n", name.c_str(), rate, 1e9 / rate,
                  limit.empty() ? "" : (" " + std::to_string(rate / found.rates.at(limit)) + " of " + limit).c_str());
    document["figures"].push_back(std::move(entry));
  }
  if (json) std::printf("%s\n", document.dump(1).c_str());
}
