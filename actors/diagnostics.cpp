#include "actors/diagnostics.hpp"

#include <fmt/format.h>
#include <memory>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace weft::actors {
namespace {

std::string escaped(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f)
      line += c;
    else
      line += fmt::format("\\x{:02x}", byte);
  }
  return line;
}

spdlog::level::level_enum level_of(severity level) {
  switch (level) {
  case severity::debug: return spdlog::level::debug;
  case severity::info: return spdlog::level::info;
  case severity::warning: return spdlog::level::warn;
  case severity::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

} // namespace

diagnostics::diagnostics(const std::string& node, severity least) {
  auto logger = std::make_shared<spdlog::logger>(node, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
  logger->set_level(level_of(least));
  logger->flush_on(spdlog::level::debug);
  to_ = [logger](severity level, std::string_view text) { logger->log(level_of(level), "{}", text); };
}

diagnostics::diagnostics(sink to) : to_(std::move(to)) {}

std::uint64_t diagnostics::count(severity of) const noexcept { return counts_[static_cast<std::size_t>(of)]; }

void diagnostics::write(severity level, std::string_view text) {
  ++counts_[static_cast<std::size_t>(level)];
  to_(level, escaped(text));
}

} // namespace weft::actors
