#include "mesh/catalog/kept_numbers.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/security/layout.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::catalog {
namespace {

constexpr std::string_view magic = "weftnums";
constexpr std::uint16_t version = 1;
constexpr std::size_t file_bytes = 20;

std::string path_in(const std::string& directory) { return directory + "/numbers"; }

std::vector<std::byte> encode(std::uint32_t given) {
  security::layout_writer writer(file_bytes);
  writer.text(magic).integer(version).zeros(2).integer(given);
  writer.integer(crc32c(0, writer.written()));
  return std::move(writer).take();
}

/// @error errc::corrupt, errc::version_newer
result<std::uint32_t> decode(byte_view bytes) {
  security::layout_reader reader(bytes);
  const bool ours = as_text(reader.raw_bytes(magic.size())) == magic;
  const auto found = reader.integer<std::uint16_t>();
  (void)reader.zeros(2);
  const auto given = reader.integer<std::uint32_t>();
  (void)reader.integer<std::uint32_t>();
  if (!ours || !reader.whole()) return fail(errc::corrupt, "it is no file of numbers");
  if (found > version) return fail(errc::version_newer, fmt::format("it has version {}: use a newer Weft", found));
  const auto whole = encode(given);
  if (!std::equal(bytes.begin(), bytes.end(), whole.begin(), whole.end())) return fail(errc::corrupt, "it is damaged");
  return given;
}

} // namespace

kept_numbers::kept_numbers(disk& on, const std::string& directory, number_table& counter)
    : disk_(on), path_(path_in(directory)), counter_(counter) {}

result<void> kept_numbers::begin(disk& on, const std::string& directory) {
  if (on.exists(path_in(directory))) return {};
  return write_file_durably(on, path_in(directory), encode(0));
}

result<std::string> kept_numbers::restore(bool new_catalog) {
  std::string problem;
  std::optional<std::uint32_t> kept;
  if (disk_.exists(path_)) {
    const auto read = read_file(disk_, path_, 2 * file_bytes).and_then([](const auto& bytes) { return decode(bytes); });
    if (read)
      kept = *read;
    else if (read.error().code() == errc::corrupt || read.error().code() == errc::too_large)
      problem = fmt::format("{}: {}", path_, read.error().message());
    else
      return fail(read.error().within(path_));
  }
  if (!kept && new_catalog)
    if (const auto forgotten = counter_.forget(); !forgotten) return fail(forgotten.error());
  if (kept)
    if (const auto raised = counter_.used_up_to(*kept); !raised) return fail(raised.error());
  const auto given = counter_.given();
  if (!given) return fail(given.error());
  if (!*given) return problem + (problem.empty() ? "" : "; ") + ready().error().message();
  if (kept != **given)
    if (const auto written = write(**given); !written) return fail(written.error());
  return problem.empty() ? problem : problem + "; it was made again from the catalog";
}

result<void> kept_numbers::ready() {
  const auto given = counter_.given();
  if (!given) return fail(given.error());
  if (*given) return {};
  return fail(errc::corrupt,
              fmt::format("which node numbers were given is not known: {} and the catalog were lost. Look at all nodes "
                          "of the mesh for the highest number that this node gave (weft nodes), and say it once: weft "
                          "invite NAME --used-up-to NUMBER",
                          path_));
}

result<std::uint32_t> kept_numbers::next() {
  if (auto known = ready(); !known) return fail(std::move(known.error()));
  auto taken = counter_.next();
  if (!taken) return taken;
  if (auto written = write(*taken); !written) return fail(std::move(written.error())); // the number stays unused
  return taken;
}

result<void> kept_numbers::used_up_to(std::uint32_t highest) {
  if (auto raised = counter_.used_up_to(highest); !raised) return raised;
  const auto given = counter_.given();
  if (!given) return fail(given.error());
  return write(**given);
}

result<void> kept_numbers::write(std::uint32_t given) { return write_file_durably(disk_, path_, encode(given)); }

} // namespace weft::catalog
