// mesh/transport/zap_handler.cpp: the ZAP request and reply, part by part.
#include "mesh/transport/zap_handler.hpp"

#include <algorithm>

namespace weft::transport {

namespace {

// The parts of a request: version, request id, domain, address, identity, mechanism, credentials.
enum : std::size_t { version_part = 0, id_part = 1, domain_part = 2, mechanism_part = 5, key_part = 6 };
constexpr std::size_t parts_null = 6;
constexpr std::size_t parts_curve = 7;

} // namespace

result<zap_handler> zap_handler::open(const zmq_context& context) {
  auto requests = zmq_socket::open(context, ZMQ_REP);
  if (!requests) return fail(requests.error());
  if (auto bound = requests->bind("inproc://zeromq.zap.01"); !bound) return fail(bound.error());
  zap_handler made;
  made.requests_ = std::move(*requests);
  return made;
}

void zap_handler::serve(std::string domain, std::string mechanism, admit how) {
  rules_.push_back({std::move(domain), std::move(mechanism), std::move(how)});
}

void zap_handler::work() {
  while (const auto asked = next())
    answer(*asked, decide(*asked));
}

std::optional<zap_handler::request> zap_handler::next() {
  request asked;
  for (bool more = true; more; ++asked.count) {
    zmq_part part;
    if (!requests_.receive(part)) return {};
    more = part.more();
    if (asked.count < parts_curve) asked.parts.emplace_back(as_text(part.bytes()));
  }
  return asked;
}

std::optional<serial> zap_handler::decide(const request& asked) const {
  const auto& parts = asked.parts;
  if (asked.count < parts_null || parts[version_part] != "1.0") return {};
  const auto fits = std::find_if(rules_.begin(), rules_.end(), [&](const auto& item) {
    return item.domain == parts[domain_part] && item.mechanism == parts[mechanism_part];
  });
  if (fits == rules_.end()) return {};
  curve_public_key key{};
  if (fits->mechanism == "NULL") return asked.count == parts_null ? std::optional(fits->how(key)) : std::nullopt;
  if (asked.count != parts_curve || parts[key_part].size() != key.size()) return {};
  std::copy(parts[key_part].begin(), parts[key_part].end(), key.begin());
  return fits->how(key);
}

void zap_handler::answer(const request& asked, std::optional<serial> admitted) {
  zmq_part version("1.0");
  zmq_part id(asked.parts.size() > id_part ? asked.parts[id_part] : "");
  zmq_part status(admitted ? "200" : "400");
  zmq_part text(admitted ? "OK" : "not allowed");
  zmq_part user(admitted ? std::to_string(admitted->value()) : "");
  zmq_part metadata("");
  const std::array<zmq_part*, 6> parts{&version, &id, &status, &text, &user, &metadata};
  (void)requests_.send(parts); // the asking I/O thread is always there
}

} // namespace weft::transport
