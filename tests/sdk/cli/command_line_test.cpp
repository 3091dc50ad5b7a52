#include "sdk/cli/command_line.hpp"

#include <gmock/gmock.h>

namespace weft::cli {
namespace {

using ::testing::HasSubstr;

class command_line_use : public ::testing::Test {
protected:
  command_line_use() {
    ::unsetenv("WEFT_DATA");
    auto topics = weft.add("topics", "Lists topics");
    topics.alias("topic").data(data).flag("--json", json, "JSON").runs([this] { return ran("topics"); });
    topics.add("list", "Lists topics").data(data).runs([this] { return ran("list"); });
    weft.add("publish", "Publishes")
        .operand("TOPIC", topic, "Where")
        .operand("FILE", file, "What")
        .data(data)
        .choice("--ack", ack, {"synced", "written"}, "How")
        .option("--rate", "N", rate, 0.5, "How fast")
        .option("--where", "CONDITION", where, "Which")
        .example("weft publish x")
        .runs([this] { return ran("publish"); });
    weft.add("bad", "Finds a problem later").runs([]() -> int { throw usage_error{"--x: it is wrong"}; });
  }

  int run(std::vector<const char*> words) {
    words.insert(words.begin(), "weft");
    ::testing::internal::CaptureStderr();
    const auto code = weft.run(static_cast<int>(words.size()), words.data());
    told = ::testing::internal::GetCapturedStderr();
    return code;
  }
  int ran(const std::string& which) {
    command = which;
    return exit_success;
  }

  command_line weft;
  std::string data, topic, ack = "synced", command, told;
  std::optional<std::string> file;
  std::optional<double> rate;
  std::vector<std::string> where;
  bool json = false;
};

TEST_F(command_line_use, runs_the_command_with_its_words) {
  EXPECT_EQ(run({"publish", "orders", "-", "--data", "d", "--rate", "2.5", "--where", "a=1", "--where", "b=2"}), 0);
  EXPECT_EQ(command, "publish");
  EXPECT_EQ(topic, "orders");
  EXPECT_EQ(file, "-");
  EXPECT_EQ(data, "d");
  EXPECT_EQ(rate, 2.5);
  EXPECT_EQ(where.size(), 2U);
}

TEST_F(command_line_use, operands_may_be_called_as_commands_are) {
  EXPECT_EQ(run({"publish", "topics", "bad", "--data", "d"}), 0);
  EXPECT_EQ(command, "publish");
  EXPECT_EQ(topic, "topics");
  EXPECT_EQ(file, "bad");
}

TEST_F(command_line_use, singular_and_list_mean_the_listing) {
  EXPECT_EQ(run({"topic", "--data", "d", "--json"}), 0);
  EXPECT_EQ(command, "topics");
  EXPECT_EQ(run({"topics", "list", "--data", "d"}), 0);
  EXPECT_EQ(command, "list");
}

TEST_F(command_line_use, data_comes_from_the_environment_when_not_given) {
  ::setenv("WEFT_DATA", "from-environment", 1);
  EXPECT_EQ(run({"topics"}), 0);
  EXPECT_EQ(data, "from-environment");
  EXPECT_EQ(run({"topics", "--data", "given"}), 0);
  EXPECT_EQ(data, "given");
  ::unsetenv("WEFT_DATA");
}

TEST_F(command_line_use, data_is_needed) {
  EXPECT_EQ(run({"topics"}), 2);
  EXPECT_THAT(told, HasSubstr("--data is required"));
}

TEST_F(command_line_use, names_the_nearest_command) {
  EXPECT_EQ(run({"pubish", "orders"}), 2);
  EXPECT_THAT(told, HasSubstr("there is no command 'pubish'; did you mean 'publish'?"));
}

TEST_F(command_line_use, names_the_nearest_option) {
  EXPECT_EQ(run({"publish", "orders", "--data", "d", "--rat", "1"}), 2);
  EXPECT_THAT(told, HasSubstr("there is no option '--rat'; did you mean '--rate'?"));
}

TEST_F(command_line_use, names_what_is_missing_wrong_or_too_many) {
  EXPECT_EQ(run({"publish", "--data", "d"}), 2);
  EXPECT_THAT(told, HasSubstr("TOPIC is required"));
  EXPECT_EQ(run({"publish", "orders", "--data", "d", "--rate", "0.1"}), 2);
  EXPECT_THAT(told, HasSubstr("--rate: '0.1' is not a number from 0.5 up"));
  EXPECT_EQ(run({"publish", "orders", "--data", "d", "--ack", "soon"}), 2);
  EXPECT_THAT(told, HasSubstr("--ack: 'soon' is none of synced|written"));
  EXPECT_EQ(run({"publish", "orders", "f", "g", "--data", "d"}), 2);
  EXPECT_THAT(told, HasSubstr("'g' is one argument too many"));
}

TEST_F(command_line_use, a_problem_found_later_is_wrong_use_too) {
  EXPECT_EQ(run({"bad"}), 2);
  EXPECT_THAT(told, HasSubstr("weft bad: --x: it is wrong (see weft bad --help)"));
}

TEST_F(command_line_use, without_a_command_shows_help_and_fails) {
  EXPECT_EQ(run({}), 2);
  EXPECT_THAT(told, HasSubstr("publish"));
}

TEST_F(command_line_use, help_has_the_example) {
  EXPECT_THAT(weft.help({"publish"}), HasSubstr("Example:\n  weft publish x"));
  EXPECT_THROW((void)weft.help({"nothing"}), usage_error);
}

TEST_F(command_line_use, completions_have_commands_and_their_options) {
  EXPECT_THAT(weft.bash_completions(), HasSubstr("'weft topics') words='list --help --data --json'"));
}

TEST(nearest, is_nothing_when_all_are_far) {
  EXPECT_EQ(nearest("topcis", {"topics", "nodes"}), "topics");
  EXPECT_EQ(nearest("xyz", {"topics", "nodes"}), std::nullopt);
}

} // namespace
} // namespace weft::cli
