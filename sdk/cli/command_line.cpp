#include "sdk/cli/command_line.hpp"

#include "sdk/cli/output.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <map>

namespace weft::cli {

struct command::bodies {
  std::map<const CLI::App*, std::function<int()>> run;
  std::map<const CLI::App*, std::string*> data; // of the commands that need a node
};

struct command_line::state {
  CLI::App app{"Weft: a peer-to-peer event mesh. Each node keeps one durable log; consumers pull.", "weft"};
  std::shared_ptr<command::bodies> bodies = std::make_shared<command::bodies>();
};

namespace {

template <class Number>
Number number_of(const std::string& name, const std::string& text, Number least) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !(value >= least))
    throw CLI::ValidationError(name, fmt::format("'{}' is not a number from {} up", text, least));
  return value;
}

template <class Number>
void number_option(CLI::App& app, const std::string& names, const std::string& value, std::optional<Number>& into,
                   Number least, const std::string& about) {
  const auto name = names.substr(names.rfind(',') + 1);
  app.add_option_function<std::string>(
         names, [name, least, &into](const std::string& text) { into = number_of(name, text, least); }, about)
      ->type_name(value);
}

void set_up(CLI::App& app) {
  app.set_help_flag("-h,--help", "Prints this page");
  app.get_formatter()->column_width(34);
  app.require_subcommand(0, 1); // so that a later word that is also a command's name is an operand
  app.footer("");               // it would inherit its parent's
}

} // namespace

command& command::operand(const std::string& name, std::string& into, const std::string& about) {
  app_->add_option(name, into, about)->required()->type_name("");
  return *this;
}

command& command::operand(const std::string& name, std::optional<std::string>& into, const std::string& about) {
  app_->add_option_function<std::string>(
          name, [&into](const std::string& text) { into = text; }, about)
      ->type_name("");
  return *this;
}

command& command::operands(const std::string& name, std::vector<std::string>& into, const std::string& about) {
  app_->add_option(name, into, about)->type_name("");
  return *this;
}

command& command::option(const std::string& names, const std::string& value, std::string& into,
                         const std::string& about) {
  app_->add_option(names, into, about)->type_name(value);
  return *this;
}

command& command::option(const std::string& names, const std::string& value, std::optional<std::string>& into,
                         const std::string& about) {
  app_->add_option_function<std::string>(
          names, [&into](const std::string& text) { into = text; }, about)
      ->type_name(value);
  return *this;
}

command& command::option(const std::string& names, const std::string& value, std::vector<std::string>& into,
                         const std::string& about) {
  app_->add_option(names, into, about)
      ->type_name(value)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return *this;
}

command& command::option(const std::string& names, const std::string& value, std::optional<double>& into, double least,
                         const std::string& about) {
  number_option(*app_, names, value, into, least, about);
  return *this;
}

command& command::option(const std::string& names, const std::string& value, std::optional<std::uint64_t>& into,
                         std::uint64_t least, const std::string& about) {
  number_option(*app_, names, value, into, least, about);
  return *this;
}

command& command::required(const std::string& names, const std::string& value, std::string& into,
                           const std::string& about) {
  app_->add_option(names, into, about)->type_name(value)->required();
  return *this;
}

command& command::choice(const std::string& names, std::string& into, const std::vector<std::string>& allowed,
                         const std::string& about) {
  const auto words = fmt::format("{}", fmt::join(allowed, "|"));
  const CLI::Validator one_of{[allowed, words](std::string& text) {
                                if (std::find(allowed.begin(), allowed.end(), text) != allowed.end())
                                  return std::string{};
                                return fmt::format("'{}' is none of {}", text, words);
                              },
                              "", "one of"};
  app_->add_option(names, into, about)->type_name(words)->check(one_of);
  return *this;
}

command& command::flag(const std::string& names, bool& into, const std::string& about) {
  app_->add_flag(names, into, about);
  return *this;
}

command& command::data(std::string& into) {
  // Not CLI11's own `required` and `envname`: a command and its subcommand share one value.
  app_->add_option("--data", into, "The node's data directory; by default $WEFT_DATA")->type_name("DIR");
  all_->data[app_] = &into;
  return *this;
}

command& command::alias(const std::string& name) {
  app_->alias(name);
  return *this;
}

command& command::example(const std::string& line) {
  const auto& before = app_->get_footer();
  app_->footer(fmt::format("{}{}Example:\n  {}", before, before.empty() ? "" : "\n\n", line));
  return *this;
}

command& command::notes(const std::string& text) {
  app_->footer(app_->get_footer() + text);
  return *this;
}

command& command::hidden() {
  app_->group("");
  return *this;
}

command command::add(const std::string& name, const std::string& about) {
  auto* const app = app_->add_subcommand(name, about);
  set_up(*app);
  return {app, all_};
}

command& command::runs(std::function<int()> body) {
  all_->run[app_] = std::move(body);
  return *this;
}

namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App* s) { return !s->get_group().empty(); })) {
    names.push_back(sub->get_name());
    names.insert(names.end(), sub->get_aliases().begin(), sub->get_aliases().end());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
  }
  return names;
}

std::string path_of(const CLI::App& app) {
  const auto* const parent = app.get_parent();
  return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

/// The innermost command that the words chose.
const CLI::App& chosen(const CLI::App& app) {
  const auto subs = app.get_subcommands();
  return subs.empty() ? app : chosen(*subs.back());
}

/// A word that no command takes, with the nearest one that it would.
std::string unexpected(const CLI::App& app, const std::string& word) {
  const bool is_option = word.size() > 1 && word.front() == '-';
  const auto& candidates = is_option ? option_names(app) : command_names(app);
  const auto near = nearest(word.substr(0, word.find('=')), candidates);
  const auto hint = near ? fmt::format("; did you mean '{}'?", *near) : std::string{};
  if (is_option) return fmt::format("there is no option '{}'{}", word, hint);
  if (!candidates.empty()) return fmt::format("there is no command '{}'{}", word, hint);
  return fmt::format("'{}' is one argument too many", word);
}

int wrong_use(const CLI::App& app, const std::string& what) {
  const auto path = path_of(app);
  tell("{}: {} (see {} --help)\n", path, what, path);
  return exit_usage;
}

std::string in_words(const CLI::App& app, const CLI::ParseError& problem) {
  if (dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr) {
    const auto left = app.remaining();
    if (!left.empty()) return unexpected(app, left.front());
  }
  return problem.what();
}

} // namespace

command_line::command_line() : state_(std::make_unique<state>()) {
  set_up(state_->app);
  state_->app.set_version_flag("--version", "weft " WEFT_VERSION, "Prints the version");
  state_->app.footer("`weft COMMAND --help` explains a command, with an example.");
}
command_line::~command_line() = default;

command command_line::add(const std::string& name, const std::string& about) {
  return command{&state_->app, state_->bodies}.add(name, about);
}

int command_line::run(int argc, const char* const* argv) {
  auto& app = state_->app;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) { // --help or --version
    return app.exit(wish);
  } catch (const CLI::ParseError& problem) {
    const auto& at = chosen(app);
    return wrong_use(at, in_words(at, problem));
  }
  const auto& at = chosen(app);
  const auto body = state_->bodies->run.find(&at);
  if (body == state_->bodies->run.end()) {
    tell("{}", at.help());
    return exit_usage;
  }
  const auto data = state_->bodies->data.find(&at);
  if (data != state_->bodies->data.end() && data->second->empty()) {
    const char* const by_environment = std::getenv("WEFT_DATA");
    if (by_environment == nullptr || *by_environment == '\0')
      return wrong_use(at, "--data is required: say which node, or set WEFT_DATA");
    *data->second = by_environment;
  }
  try {
    return body->second();
  } catch (const usage_error& problem) {
    return wrong_use(at, problem.what());
  }
}

std::string command_line::help(const std::vector<std::string>& words) const {
  const CLI::App* at = &state_->app;
  for (const auto& word : words) {
    const auto subs = at->get_subcommands([&](const CLI::App* sub) { return sub->check_name(word); });
    if (subs.empty()) throw usage_error{unexpected(*at, word)};
    at = subs.front();
  }
  const auto path = path_of(*at);
  return at->help(path.substr(0, path.rfind(' ') == std::string::npos ? 0 : path.rfind(' ')));
}

namespace {

void complete(const CLI::App& app, const std::string& path, std::string& out) {
  const auto subs = app.get_subcommands([](const CLI::App* s) { return !s->get_group().empty(); });
  auto words = command_names(app);
  const auto options = option_names(app);
  words.insert(words.end(), options.begin(), options.end());
  out += fmt::format("    '{}') words='{}' ;;\n", path, fmt::join(words, " "));
  for (const auto* sub : subs) {
    complete(*sub, fmt::format("{} {}", path, sub->get_name()), out);
    for (const auto& name : sub->get_aliases())
      complete(*sub, fmt::format("{} {}", path, name), out);
  }
}

} // namespace

std::string command_line::bash_completions() const {
  std::string out = "# Completes weft's commands and options in bash. Made by `weft completions bash`.\n"
                    "_weft_words() {\n"
                    "  case $1 in\n";
  complete(state_->app, "weft", out);
  out += "    *) return 1 ;;\n"
         "  esac\n"
         "}\n"
         "_weft() {\n"
         "  local words path=weft word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    _weft_words \"$path $word\" && path+=\" $word\"\n"
         "  done\n"
         "  _weft_words \"$path\"\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
         "}\n"
         "complete -o default -F _weft weft\n";
  return out;
}

} // namespace weft::cli
