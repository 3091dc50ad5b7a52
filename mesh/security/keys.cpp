#include "mesh/security/keys.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/security/layout.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::string_view magic = "weftkeys";
constexpr std::uint16_t version = 1;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t header_bytes = 12;
constexpr std::size_t checksum_bytes = 4;

enum class key_kind : std::uint16_t { node = 1, root = 2 };

constexpr std::size_t file_bytes(key_kind kind) noexcept {
  return header_bytes + (kind == key_kind::node ? 2 : 1) * secret_bytes + checksum_bytes;
}

/// Bytes on their way to or from a key file; wiped at the end.
class wiped_bytes {
public:
  explicit wiped_bytes(std::vector<std::byte> bytes) noexcept : bytes_(std::move(bytes)) {}
  wiped_bytes(const wiped_bytes&) = delete;
  wiped_bytes(wiped_bytes&&) = default; // leaves an empty vector behind
  wiped_bytes& operator=(const wiped_bytes&) = delete;
  wiped_bytes& operator=(wiped_bytes&&) = delete;
  ~wiped_bytes() { wipe(std::span(bytes_)); }
  [[nodiscard]] byte_view view() const noexcept { return bytes_; }

private:
  std::vector<std::byte> bytes_;
};

wiped_bytes encode(key_kind kind, const signing_key& identity, const secret<secret_bytes>* curve) {
  layout_writer writer(file_bytes(kind));
  writer.text(magic).integer(version).integer(static_cast<std::uint16_t>(kind)).array(identity.seed().reveal());
  if (curve) writer.array(curve->reveal());
  writer.integer(crc32c(0, writer.written()));
  return wiped_bytes(std::move(writer).take());
}

/// Reads the file and checks all but the meaning of its secrets.
result<wiped_bytes> read_checked(disk& from, const std::string& path, key_kind kind) {
  auto opened = from.open(path, open_mode::read);
  if (!opened) return fail(std::move(opened.error()));
  if (auto ours = (*opened)->check_private(); !ours) return fail(std::move(ours.error()));
  std::vector<std::byte> bytes(file_bytes(kind) + 1); // one more shows a file that is too long
  const auto got = (*opened)->read_at(0, bytes);
  wiped_bytes content(std::move(bytes));
  if (!got) return fail(got.error());

  const auto damaged = [&path](std::string_view how) {
    return fail(errc::corrupt, fmt::format("{} {}: restore it from a backup", path, how));
  };
  const auto view = content.view().first(*got);
  layout_reader reader(view);
  if (as_text(reader.raw_bytes(magic.size())) != magic) return damaged("is not a key file of Weft");
  if (const auto found = reader.integer<std::uint16_t>(); found > version)
    return fail(errc::version_newer,
                fmt::format("{} has version {}, this Weft reads {}: use a newer one", path, found, version));
  else if (found != version)
    return damaged("is damaged: there is no such version");
  if (*got != file_bytes(kind)) return damaged("is damaged: its length is wrong");
  const auto body = view.first(*got - checksum_bytes);
  layout_reader checksum(view.last(checksum_bytes));
  if (checksum.integer<std::uint32_t>() != crc32c(0, body)) return damaged("is damaged: its checksum does not fit");
  if (reader.integer<std::uint16_t>() != static_cast<std::uint16_t>(kind)) return damaged("holds keys of another kind");
  return content;
}

secret<secret_bytes> secret_at(const wiped_bytes& content, std::size_t index) {
  layout_reader reader(content.view().subspan(header_bytes + index * secret_bytes));
  auto bytes = reader.array<secret_bytes>();
  return secret<secret_bytes>::take(bytes);
}

} // namespace

node_keys::node_keys(signing_key identity, secret<32> curve)
    : identity_(std::move(identity)),
      curve_(std::move(curve)),
      curve_public_(curve_public_of(curve_)),
      id_(node_id_of(identity_.public_key())) {}

node_keys node_keys::make(random_source& random) {
  auto identity = secret<32>::make(random);
  return {signing_key(std::move(identity)), secret<32>::make(random)};
}

std::string node_keys::path_in(const std::string& directory) { return directory + "/node.keys"; }

result<node_keys> node_keys::load_or_create(disk& on, const std::string& directory, random_source& random) {
  const auto path = path_in(directory);
  const auto content = read_checked(on, path, key_kind::node);
  if (content) return node_keys(signing_key(secret_at(*content, 0)), secret_at(*content, 1));
  if (content.error().code() != errc::not_found) return fail(content.error());
  auto made = make(random);
  const auto encoded = encode(key_kind::node, made.identity_, &made.curve_);
  if (auto saved = write_file_durably(on, path, encoded.view()); !saved) return fail(std::move(saved.error()));
  return made;
}

root_key::root_key(signing_key key) : key_(std::move(key)), mesh_(mesh_id_of(key_.public_key())) {}

root_key root_key::make(random_source& random) { return root_key(signing_key(secret<32>::make(random))); }

std::string root_key::path_in(const std::string& directory) { return directory + "/root.key"; }

result<void> root_key::save(disk& on, const std::string& directory) const {
  const auto encoded = encode(key_kind::root, key_, nullptr);
  return write_file_durably(on, path_in(directory), encoded.view());
}

result<root_key> root_key::load(disk& on, const std::string& directory) {
  const auto content = read_checked(on, path_in(directory), key_kind::root);
  if (!content) return fail(content.error());
  return root_key(signing_key(secret_at(*content, 0)));
}

} // namespace weft::security
