"""`run` on machines made of fake tools: what it installs, builds, counts and says."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tree

# What `run` may use; everything else it calls is one of the fakes below, which write down how they were called.
TOOLS = "awk bash cat dirname env flock mkdir readlink rm sed sleep tail touch".split()
FAKES = {
    "id": 'echo "${FAKE_UID:-0}"',
    "dpkg-query": 'for p in $FAKE_INSTALLED; do echo "$p installed"; done; echo "odd config-files"; exit 1',
    "apt-get": '[ "$1" = update ] && { : >"$FAKE_HOME/lists"; exit 0; }; [ -e "$FAKE_HOME/lists" ]',
    "cmake": 'mkdir -p "build/$2" && : >"build/$2/build.ninja" && echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"build/$2/CMakeCache.txt"',
    "ninja": 'echo "ninja: Entering directory x"; echo "[1/2] Building a.cpp"; [ -z "${FAKE_ERROR:-}" ] || { echo "$FAKE_ERROR"; exit 1; }',
    "ctest": 'shift 2; exec "$FAKE_CTEST" --test-dir "$FAKE_HOME" "$@"',
}
PACKAGES = "alpha-dev\nbeta\ngamma"


class Machine:
    """A checkout in a folder with a space in its name, and a PATH with nothing on it but TOOLS and FAKES."""

    def __init__(self, **tools):
        self.folder = tempfile.TemporaryDirectory(prefix="weft run ")
        self.home = pathlib.Path(self.folder.name)
        self.top = self.home / "check out"
        (self.top / "packaging").mkdir(parents=True)
        (self.top / "tests").mkdir()
        shutil.copy(tree.TOP / "run", self.top)
        (self.top / "packaging/debian-packages.txt").write_text(f"# what is needed\n\n{PACKAGES}\n")
        (self.top / "tests/long.md").write_text("| name | minutes | command | what |\n|---|---|---|---|\n"
                                                "| nap | 3 | `bash packaging/nap.sh one` | sleeps |\n")
        (self.top / "packaging/nap.sh").write_text('echo "napping $*"; exit 3\n')
        bin_folder = self.home / "bin"
        bin_folder.mkdir()
        for name in TOOLS:
            (bin_folder / name).symlink_to(shutil.which(name))
        for name, body in {**FAKES, **tools}.items():
            path = bin_folder / name
            path.write_text(f'#!/bin/sh\necho "{name} $*" >>"$FAKE_HOME/calls"\n{body}\n')
            path.chmod(0o755)
        self.path_with_system_tools = f"{bin_folder}:/usr/bin:/bin"
        self.tests("")

    def tests(self, text):
        """The tests that the fake build has, in ctest's own words."""
        (self.home / "CTestTestfile.cmake").write_text(text)

    def run(self, *words, cwd="/", **environment):
        return subprocess.run([self.top / "run", *words], cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                              env={"PATH": str(self.home / "bin"), "FAKE_HOME": str(self.home), "FAKE_CTEST": shutil.which("ctest"),
                                   "FAKE_INSTALLED": PACKAGES, **environment})

    def calls(self, name):
        path = self.home / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if line.startswith(name + " ")]


class Case(unittest.TestCase):
    def machine(self, **tools):
        machine = Machine(**tools)
        self.addCleanup(machine.folder.cleanup)
        return machine


class Usage(Case):
    def test_help_lists_each_command(self):
        said = self.machine().run("help")
        commands = re.findall(r"^command_(\w+)\(\)", (tree.TOP / "run").read_text(), re.MULTILINE)
        self.assertGreater(len(commands), 5)
        for command in [*commands, "help"]:
            self.assertRegex(said.stdout, rf"(?m)^  {command}\b")
        self.assertEqual(said.returncode, 0)

    def test_nonsense_exits_2_and_is_named(self):
        for words in [("nonsense",), ("build", "nonsense"), ("long", "nonsense"), ("bench", "nonsense"), ("check", "nonsense"),
                      ("test", "--nonsense")]:
            with self.subTest(words=words):
                said = self.machine().run(*words)
                self.assertEqual(said.returncode, 2)
                self.assertIn("nonsense", said.stderr)


class Packages(Case):
    def refused(self, machine):
        said = machine.run("test", FAKE_UID="1000", FAKE_INSTALLED="beta")
        self.assertEqual(said.returncode, 1)
        self.assertIn("missing: alpha-dev gamma\n", said.stderr)
        self.assertIn("apt-get update && apt-get install --yes --no-install-recommends alpha-dev gamma\n", said.stderr)
        self.assertEqual(machine.calls("apt-get") + machine.calls("cmake") + machine.calls("ninja"), [])

    def test_without_root_and_sudo_the_missing_are_named(self):
        self.refused(self.machine())

    def test_a_sudo_that_would_ask_is_no_sudo_without_a_terminal(self):
        self.refused(self.machine(sudo="exit 1"))

    def test_sudo_is_used_when_it_works(self):
        machine = self.machine(sudo='[ "$1" = -n ] && shift; exec "$@"', true="exit 0")
        machine.run("build", FAKE_UID="1000", FAKE_INSTALLED="beta")
        self.assertTrue(any("apt-get install" in call for call in machine.calls("sudo")), machine.calls("sudo"))

    def test_root_installs_the_missing_and_refreshes_lists_only_when_needed(self):
        machine = self.machine()
        for lists_are_stale, calls in [(True, ["install", "update", "install"]), (False, ["install"])]:
            (machine.home / "calls").unlink(missing_ok=True)
            said = machine.run("build", FAKE_INSTALLED="beta")
            with self.subTest(lists_are_stale=lists_are_stale):
                self.assertEqual(said.returncode, 0, said.stderr)
                self.assertEqual([call.split()[1] for call in machine.calls("apt-get")], calls)
                self.assertTrue(machine.calls("apt-get")[-1].endswith(" alpha-dev gamma"))

    def test_what_apt_says_is_shown_when_it_fails(self):
        said = self.machine(**{"apt-get": "echo no such host; exit 100"}).run("build", FAKE_INSTALLED="")
        self.assertEqual(said.returncode, 1)
        self.assertIn("no such host", said.stderr)

    def test_nothing_is_installed_when_all_is_there(self):
        machine = self.machine()
        self.assertEqual(machine.run("build").returncode, 0)
        self.assertEqual(machine.calls("apt-get"), [])
        self.assertEqual(len(machine.calls("dpkg-query")), 1)


class Build(Case):
    def test_configures_once_and_again_when_the_presets_change(self):
        machine = self.machine()
        machine.run("build")
        machine.run("build")
        self.assertEqual(machine.calls("cmake"), ["cmake --preset dev"])
        (machine.top / "CMakePresets.json").write_text("{}")
        newer = (machine.top / "build/dev/build.ninja").stat().st_mtime + 10
        os.utime(machine.top / "CMakePresets.json", (newer, newer))
        machine.run("build")
        self.assertEqual(len(machine.calls("cmake")), 2)

    def test_a_moved_tree_is_configured_afresh(self):
        machine = self.machine()
        machine.run("build")
        machine.top = machine.top.rename(machine.home / "moved")
        self.assertEqual(machine.run("build").returncode, 0)
        self.assertEqual(len(machine.calls("cmake")), 2)

    def test_an_error_is_shown_whole_and_progress_is_not(self):
        said = self.machine().run("build", FAKE_ERROR="a.cpp:3: error: this\nis wrong")
        self.assertEqual(said.returncode, 1)
        self.assertIn("a.cpp:3: error: this\nis wrong\n", said.stderr)
        self.assertNotIn("[1/2]", said.stderr)

    def test_a_failed_configuration_shows_why(self):
        said = self.machine(cmake="echo no compiler; exit 1").run("build", "asan")
        self.assertEqual(said.returncode, 1)
        self.assertIn("no compiler", said.stderr)


class Tests(Case):
    def test_counts_are_ctests_and_so_is_the_exit_code(self):
        machine = self.machine()
        machine.tests('add_test(good "true")\nadd_test(bad "false")\nadd_test(gone "/nonexistent")\n'
                      'add_test(skipped "sh" "-c" "exit 77")\nset_tests_properties(skipped PROPERTIES SKIP_RETURN_CODE 77)\n'
                      'add_test(matched "echo" "[  SKIPPED ]")\n'
                      'set_tests_properties(matched PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED")\n'
                      'add_test(off "true")\nset_tests_properties(off PROPERTIES DISABLED TRUE)\n')
        said = machine.run("test", PATH=machine.path_with_system_tools)
        self.assertEqual(said.stdout.splitlines()[-1], "1 passed, 2 failed, 3 skipped")
        self.assertEqual(said.returncode, 8)

    def test_green_exits_0(self):
        machine = self.machine()
        machine.tests('add_test(good "true")\nadd_test(other "true")\n')
        said = machine.run("test", "goo", PATH=machine.path_with_system_tools)
        self.assertEqual((said.returncode, said.stdout.splitlines()[-1]), (0, "1 passed, 0 failed, 0 skipped"))
        self.assertIn("100% tests passed", said.stdout)

    def test_a_label_chooses(self):
        machine = self.machine()
        machine.tests('add_test(a "true")\nadd_test(b "true")\nset_tests_properties(a PROPERTIES LABELS "unit;actors")\n')
        said = machine.run("test", "--label", "actors", PATH=machine.path_with_system_tools)
        self.assertEqual(said.stdout.splitlines()[-1], "1 passed, 0 failed, 0 skipped")

    def test_a_run_without_a_test_has_failed(self):
        machine = self.machine()
        for tests in ["", 'add_test(off "true")\nset_tests_properties(off PROPERTIES DISABLED TRUE)\n']:
            machine.tests(tests)
            said = machine.run("test", PATH=machine.path_with_system_tools)
            with self.subTest(tests=tests):
                self.assertNotEqual(said.returncode, 0)
                self.assertIn("0 passed, 0 failed, ", said.stdout.splitlines()[-1])

    def test_data_is_looked_for_beside_the_checkout_or_where_the_caller_says(self):
        machine = self.machine(ctest='printf "%s" "$WEFT_TEST_DATA" >"$FAKE_HOME/data"; exit 1')
        machine.run("test")
        self.assertEqual((machine.home / "data").read_text(), f"{machine.top}/../shared/data")
        machine.run("test", WEFT_TEST_DATA="/else where")
        self.assertEqual((machine.home / "data").read_text(), "/else where")

    def test_ci_runs_the_tests_of_its_own_checkout(self):
        machine = self.machine()
        (machine.top / ".ci").mkdir()
        shutil.copy(tree.TOP / ".ci/run", machine.top / ".ci/run")
        (machine.top / "run").write_text('#!/bin/sh\necho "$PWD: $*"\n')
        done = subprocess.run(["bash", machine.top / ".ci/run"], cwd="/", check=True, capture_output=True, text=True)
        self.assertEqual(done.stdout, f"{machine.top}: test\n")


class Others(Case):
    def test_demo_gets_its_options_in_the_callers_folder(self):
        machine = self.machine(ninja='mkdir -p build/dev/bin; printf "#!/bin/sh\\necho \\$PWD: \\$*\\n" >build/dev/bin/weft; '
                                     '/bin/chmod +x build/dev/bin/weft')
        said = machine.run("demo", "--csv", "mine.csv", cwd=machine.home)
        self.assertEqual(said.stdout, f"{machine.home}: demo retail --csv mine.csv\n", said.stderr)

    def test_long_runs_the_command_of_the_table_and_keeps_its_exit_code(self):
        said = self.machine().run("long", "nap", "two")
        self.assertEqual((said.returncode, said.stdout), (3, "napping one two\n"))
        self.assertIn("nap: FAILED with 3", said.stderr)

    def test_long_without_a_name_lists(self):
        self.assertRegex(self.machine().run("long").stdout, r"^nap +3 min +sleeps\n$")

    def test_bench_without_a_benchmark_has_failed(self):
        self.assertEqual(self.machine().run("bench").returncode, 1)

    def test_bench_joins_the_documents_into_one(self):
        body = '#!/bin/sh\\necho {\\\\"figures\\\\": [{\\\\"name\\\\": \\\\"n\\\\", \\\\"value\\\\": 2, \\\\"unit\\\\": \\\\"s\\\\"}]}\\n'
        machine = self.machine(ninja=f'mkdir -p build/release/bin/bench; for n in a b; do p=build/release/bin/bench/$n; '
                                     f"printf '{body}' >$p; /bin/chmod +x $p; done")
        (machine.top / "packaging/dev").mkdir()
        shutil.copy(tree.TOP / "packaging/dev/join_figures.py", machine.top / "packaging/dev")
        said = machine.run("bench", "--json", PATH=machine.path_with_system_tools)
        self.assertEqual(said.stdout.count('"name": "n"'), 2, said.stdout + said.stderr)
        self.assertIn('"limit": null', said.stdout)

    def test_clean_removes_the_build_folder_only(self):
        machine = self.machine()
        machine.run("build")
        self.assertEqual(machine.run("clean").returncode, 0)
        self.assertFalse((machine.top / "build").exists())
        self.assertTrue((machine.top / "run").exists())


if __name__ == "__main__":
    unittest.main()
