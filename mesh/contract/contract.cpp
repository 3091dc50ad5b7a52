#include "mesh/contract/contract.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/utf8.hpp"
#include "mesh/contract/json_check.hpp"
#include "mesh/contract/rules.hpp"
#include "mesh/contract/short_text.hpp"
#include "mesh/contract/table_reader.hpp"
#include "mesh/security/crypto.hpp"
#include "mesh/wire/batch_rules.hpp"

#include <fmt/format.h>

namespace weft::contract {
namespace {

/// What an id is a hash of: this, the schema, a zero and the rules, both in their canonical form.
constexpr std::string_view hashed_as = "weft contract 1\n";

contract_id id_of(const schema& by, const rules& with) {
  constexpr std::string_view between("\0", 1);
  return contract_id{security::blake2b_256(
      {as_bytes(hashed_as), as_bytes(by.canonical()), as_bytes(between), as_bytes(with.canonical())})};
}

} // namespace

contract::contract() = default;
contract::~contract() = default;

result<contract_ptr> contract::make(const contract_text& text) {
  if (const auto size = text.schema.size() + text.rules.size(); size > limits::contract_bytes_max)
    return fail(errc::too_large,
                fmt::format("schema and rules have {} bytes together: at most {}", size, limits::contract_bytes_max));
  if (!is_utf8(text.schema) || !is_utf8(text.rules))
    return fail(errc::invalid_argument, "the schema or the rules are not UTF-8 text");
  auto by = schema::parse(text.schema);
  if (!by) return fail(std::move(by).error());
  if (const auto named = wire::check_type_name(text_of(by->root().name()));
      !named) // batches have it for the event's type
    return fail(named.error().within("the root table"));
  auto with = rules::parse(text.rules, *by);
  if (!with) return fail(std::move(with).error());
  const std::shared_ptr<contract> made(new contract);
  made->id_ = id_of(*by, *with);
  made->text_ = text;
  made->root_name_ = text_of(by->root().name());
  made->schema_ = std::make_unique<const schema>(std::move(*by));
  made->rules_ = std::make_unique<const rules>(std::move(*with));
  return made;
}

bool is_table(byte_view value) noexcept { return is_flatbuffer(value); }

result<void> contract::check(byte_view value) const {
  return check_whole(value).map_error(
      [](const error& why) { return error(why.code(), short_text(why.message(), limits::group_cause_bytes_max)); });
}

result<void> contract::check_whole(byte_view value) const {
  if (is_flatbuffer(value)) {
    const auto table = read_table(*schema_, value);
    return table ? rules_->check(*table) : fail(table.error());
  }
  const auto parsed = parse_value(value);
  if (!parsed) return fail(parsed.error());
  if (auto good = check_json(*schema_, *parsed); !good) return good;
  return rules_->check(*parsed);
}

result<std::string> contract::decode(byte_view value) const {
  if (is_flatbuffer(value)) {
    const auto table = read_table(*schema_, value);
    return table ? result<std::string>(table->dump()) : fail(table.error());
  }
  const auto parsed = parse_value(value);
  return parsed ? result<std::string>(parsed->dump()) : fail(parsed.error());
}

} // namespace weft::contract
