// sdk/cli/command_line.hpp: what the words of each command are, declared once for parsing, help and completions.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace weft::cli {

/// How the program ends.
inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 2;

/// One command's words. A handle: copies declare the same command. What values are put into must outlive run().
class command {
public:
  // Operands, in their order.
  command& operand(const std::string& name, std::string& into, const std::string& about);
  command& operand(const std::string& name, std::optional<std::string>& into, const std::string& about);
  /// All that are left; may be none.
  command& operands(const std::string& name, std::vector<std::string>& into, const std::string& about);
  // Options: `names` such as "--json" or "-f,--format".
  command& option(const std::string& names, const std::string& value, std::string& into, const std::string& about);
  command& option(const std::string& names, const std::string& value, std::optional<std::string>& into,
                  const std::string& about);
  /// May be given more than once.
  command& option(const std::string& names, const std::string& value, std::vector<std::string>& into,
                  const std::string& about);
  /// A number, at least `least`.
  command& option(const std::string& names, const std::string& value, std::optional<double>& into, double least,
                  const std::string& about);
  command& option(const std::string& names, const std::string& value, std::optional<std::uint64_t>& into,
                  std::uint64_t least, const std::string& about);
  command& required(const std::string& names, const std::string& value, std::string& into, const std::string& about);
  command& choice(const std::string& names, std::string& into, const std::vector<std::string>& allowed,
                  const std::string& about);
  command& flag(const std::string& names, bool& into, const std::string& about);
  /// The node's data directory: --data, or the environment's WEFT_DATA; one of them has to be there.
  command& data(std::string& into);

  command& alias(const std::string& name);
  command& example(const std::string& line);
  /// Text below the options in --help.
  command& notes(const std::string& text);
  /// Not in --help and completions.
  command& hidden();
  command add(const std::string& name, const std::string& about);
  command& runs(std::function<int()> body);

private:
  friend class command_line;
  struct bodies;
  command(CLI::App* app, std::shared_ptr<bodies> all) noexcept : app_(app), all_(std::move(all)) {}

  CLI::App* app_;
  std::shared_ptr<bodies> all_;
};

/// A value that its option does not take, found after parsing: makes run() end as for any wrong use.
class usage_error {
public:
  explicit usage_error(std::string what) : what_(std::move(what)) {}
  [[nodiscard]] const std::string& what() const noexcept { return what_; }

private:
  std::string what_;
};

/// The program: its commands and how they are found.
class command_line {
public:
  command_line();
  ~command_line();
  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  command add(const std::string& name, const std::string& about);
  /// Parses and runs the command that the words name. @returns the exit code
  int run(int argc, const char* const* argv);
  /// The help of a command, or of the program with no words. @throws usage_error  there is no such command
  [[nodiscard]] std::string help(const std::vector<std::string>& words) const;
  /// A script that completes commands and options in bash.
  [[nodiscard]] std::string bash_completions() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The candidate that differs least from `word`, if it is near enough to be a slip.
[[nodiscard]] std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& candidates);

} // namespace weft::cli
