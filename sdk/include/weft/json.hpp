// weft/json.hpp: writes and reads JSON without showing a JSON library.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "weft/api.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weft {

/// Appends one JSON document to a string, compact, without building a tree. Calls must nest properly; inside an object
/// each value follows its name(). The first value that JSON can't hold is remembered and told by finish().
class WEFT_API json_writer {
public:
  /// `out` outlives the writer; what it holds already stays in front.
  explicit json_writer(std::string& out) noexcept : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  /// The next value's name in its object.
  void name(std::string_view name);

  void text(std::string_view value); ///< UTF-8
  void integer(std::int64_t value);
  void integer(std::uint64_t value);
  void number(double value); ///< finite; the shortest text that reads back as the same value
  void number(float value);
  void boolean(bool value);
  void null();
  /// Remembers a problem with the value that was due, unless there is one already.
  void problem(std::string message);

  /// @error errc::invalid_argument  a text was not UTF-8, a number not finite: the message has the value's name
  [[nodiscard]] result<void> finish() const;

private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  std::string& out_;
  bool comma_ = false; // whether the next value or name has one before it
  std::string last_name_;
  std::optional<std::string> problem_;
};

/// One value of a json_document, which it must not outlive.
class WEFT_API json_reader {
public:
  [[nodiscard]] bool is_null() const noexcept;
  [[nodiscard]] bool is_object() const noexcept;
  [[nodiscard]] bool is_array() const noexcept;

  /// Each: @error errc::undecodable  another kind of value: what was expected, what was found
  [[nodiscard]] result<std::string_view> text() const;
  [[nodiscard]] result<bool> boolean() const;
  [[nodiscard]] result<double> number() const; ///< integers too
  /// Also @error errc::undecodable  a number that is no integer or lies outside [least, most]
  [[nodiscard]] result<std::int64_t> integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] result<std::uint64_t> unsigned_integer(std::uint64_t most) const;

  /// Items of an array or members of an object; 0 for other values.
  [[nodiscard]] std::size_t size() const noexcept;
  /// An item of an array, found by going over those before it: see items(). @pre is_array(), index < size()
  [[nodiscard]] json_reader at(std::size_t index) const noexcept;
  /// Calls `visit(json_reader item)` for each item of an array; none for other values. It returns false to stop.
  template <class Visit>
  void items(Visit&& visit) const {
    items(&visit, [](void* target, json_reader item) {
      return static_cast<bool>((*static_cast<std::remove_reference_t<Visit>*>(target))(item));
    });
  }
  /// A member of an object, the last of this name; nothing when there is none or this is no object.
  [[nodiscard]] std::optional<json_reader> find(std::string_view name) const noexcept;
  /// Calls `visit(std::string_view name, json_reader value)` for each member; none for other values. It returns false
  /// to stop.
  template <class Visit>
  void members(Visit&& visit) const {
    members(&visit, [](void* target, std::string_view name, json_reader value) {
      return static_cast<bool>((*static_cast<std::remove_reference_t<Visit>*>(target))(name, value));
    });
  }
  /// "a string", "an object", ... for messages
  [[nodiscard]] std::string_view kind() const noexcept;

private:
  friend class json_document;
  friend struct json_place;
  json_reader() noexcept = default;
  void items(void* target, bool (*visit)(void*, json_reader)) const;
  void members(void* target, bool (*visit)(void*, std::string_view, json_reader)) const;

  const void* document_ = nullptr; // both of the JSON library
  std::size_t place_ = 0;
};

/// A JSON document, read.
class WEFT_API json_document {
public:
  /// @error errc::undecodable  not JSON (RFC 8259, UTF-8): at which byte; or nested deeper than 1,024
  [[nodiscard]] static result<json_document> parse(byte_view bytes);
  json_document(json_document&&) noexcept;
  json_document& operator=(json_document&&) noexcept;
  ~json_document();

  [[nodiscard]] json_reader root() const noexcept;

private:
  struct tree;
  explicit json_document(std::unique_ptr<tree> parsed) noexcept;
  std::unique_ptr<tree> tree_; // stays where it is: readers point into it
};

} // namespace weft
