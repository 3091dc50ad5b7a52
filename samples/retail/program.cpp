#include "samples/retail/program.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace retail {

using namespace std::chrono_literals;

words::words(int argc, char** argv, const std::vector<std::string>& known) : program_(argv[0]) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (!name.starts_with("--") || std::find(known.begin(), known.end(), name.substr(2)) == known.end())
      wrong("there is no option " + name);
    if (i + 1 == argc) wrong(name + " needs a value");
    values_[name.substr(2)] = argv[i + 1];
  }
}

std::optional<std::string> words::text(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional{found->second};
}

std::string words::required(const std::string& name) const {
  const auto found = text(name);
  if (!found) wrong("--" + name + " is missing");
  return *found;
}

double words::number(const std::string& name, double otherwise) const {
  const auto given = text(name);
  if (!given) return otherwise;
  double value = 0;
  const auto [end, problem] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (problem != std::errc{} || end != given->data() + given->size() || value < 0)
    wrong("--" + name + ": '" + *given + "' is no number");
  return value;
}

void words::wrong(const std::string& why) const {
  std::fprintf(stderr, "%s: %s\n", program_.c_str(), why.c_str());
  std::exit(2);
}

weft::result<weft::node> open_node(const std::string& name, const words& given) {
  weft::node_options options;
  options.name = name;
  options.data_dir = given.required("data");
  options.listen = given.text("listen");
  options.join = given.text("join");
  auto node = weft::node::open(options);
  if (node) {
    std::printf("ready %s\n", node->address().c_str());
    std::fflush(stdout);
  }
  return node;
}

figures::figures(std::function<std::string()> document) : document_(std::move(document)), thread_([this] { run(); }) {}

figures::~figures() {
  {
    const std::lock_guard held{mutex_};
    ending_ = true;
  }
  end_.notify_all();
  thread_.join();
  std::printf("%s\n", document_().c_str());
  std::fflush(stdout);
}

void figures::run() {
  std::unique_lock held{mutex_};
  while (!end_.wait_for(held, 500ms, [this] { return ending_; })) {
    std::printf("%s\n", document_().c_str());
    std::fflush(stdout);
  }
}

figure_line& figure_line::add(const std::string& name, std::int64_t value) {
  body_ += (body_.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(value);
  return *this;
}

figure_line& figure_line::add(const std::string& name, const std::string& plain_text) {
  body_ += (body_.empty() ? "\"" : ",\"") + name + "\":\"" + plain_text + "\"";
  return *this;
}

} // namespace retail
