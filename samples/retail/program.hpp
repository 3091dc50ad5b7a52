// samples/retail/program.hpp: what the three programs of this sample share: their words, and lines of figures.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <weft/weft.hpp>

namespace retail {

/// `--name value` pairs of the command line.
class words {
public:
  /// @param known  the names without dashes; others end the program with exit code 2
  words(int argc, char** argv, const std::vector<std::string>& known);
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
  [[nodiscard]] std::string required(const std::string& name) const;
  [[nodiscard]] double number(const std::string& name, double otherwise) const;

private:
  std::string program_;
  std::map<std::string, std::string> values_;
  [[noreturn]] void wrong(const std::string& why) const;
};

/// Opens the program's node: `--data DIR`, `--listen ADDRESS` and `--join FILE`. Prints `ready ADDRESS`.
[[nodiscard]] weft::result<weft::node> open_node(const std::string& name, const words& given);

/// Prints a line with figures on stdout twice a second, one JSON object each, and a last one when it ends.
class figures {
public:
  /// `document()` gives the line; called on a thread of its own, and once on the destroying one.
  explicit figures(std::function<std::string()> document);
  ~figures();
  figures(const figures&) = delete;
  figures& operator=(const figures&) = delete;

private:
  void run();

  std::function<std::string()> document_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::thread thread_;
};

/// Writes `{"name":value,...}`.
class figure_line {
public:
  figure_line& add(const std::string& name, std::int64_t value);
  figure_line& add(const std::string& name, const std::string& plain_text);
  [[nodiscard]] std::string text() const { return "{" + body_ + "}"; }

private:
  std::string body_;
};

} // namespace retail
