"""What the documents tell a reader to type exists: commands in shell blocks of every Markdown file, and the table of long runs."""
import json
import os
import re
import shlex
import subprocess
import unittest

import tree

RUN = (tree.TOP / "run").read_text()
RUN_COMMANDS = set(re.findall(r"^command_(\w+)\(\)", RUN, re.MULTILINE)) | {"help"}
PRESETS = {preset["name"] for preset in json.loads((tree.TOP / "CMakePresets.json").read_text())["configurePresets"]
           if not preset.get("hidden")}
WEFT_COMMANDS = {"node", "invite", "publish", "subscribe", "topics", "contracts", "groups", "cuts", "dead-letters", "trace", "nodes", "flows", "links", "route", "leave", "lag", "verify", "dump",
                 "bench", "demo", "monitor", "help", "--help", "--version"}
SHELL = {"cat", "cd", "cp", "cut", "diff", "echo", "export", "git", "grep", "head", "jq", "kill", "ls", "mkdir", "mv", "rm", "seq",
         "sleep", "sort", "sudo", "tail", "tee", "uniq", "wait", "wc", "apt-get", "python3", "ctest", "ninja", "clang-format-16"}

# | name | minutes | `command` | what |
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (\d+) \| `([^`|]+)` \| [^|]+ \|$")
LONG_LINES = [line for line in (tree.TOP / "tests/long.md").read_text().splitlines() if line.startswith("|")][2:]
LONG = [ROW.match(line) for line in LONG_LINES]


FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shell_lines(text):
    """Commands of the fenced sh, bash and console blocks; in console blocks only what follows a prompt."""
    for kind, block in FENCED.findall(text):
        if kind not in ("sh", "bash", "console"):
            continue
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip()
            if kind == "console" and not line.startswith("$ "):
                continue
            line = line.removeprefix("$ ")
            if line and not line.startswith("#"):
                yield line


def readme_lines(text):
    """README.md also indents its commands; what it shows of other kinds is fenced."""
    return [*shell_lines(text), *(line.strip() for line in FENCED.sub("", text).splitlines() if line.startswith("    "))]


def commands(line):
    """The simple commands of a shell line, each as its words, without assignments and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = []
    for word in [*lexer, ";"]:
        if set(word) <= set(";|&()"):
            if words:
                yield words
            words = []
        elif words or not re.match(r"^\w+=", word):
            words.append(word)


def unknown(words):
    """Why this is no command of ours or of the shell's, or None."""
    program, rest = words[0], words[1:]
    if program == "./run":
        if rest and rest[0] not in RUN_COMMANDS:
            return f"./run has no command {rest[0]}"
        if rest[:1] == ["long"] and len(rest) > 1 and rest[1] not in {"NAME", *(row[1] for row in LONG if row)}:
            return f"there is no long run {rest[1]}"
        if rest[:1] == ["build"] and len(rest) > 1 and rest[1] not in PRESETS:
            return f"there is no preset {rest[1]}"
        return None
    if program == "weft" or program.endswith("/bin/weft"):
        return None if rest and rest[0] in WEFT_COMMANDS else f"weft has no command {rest[0] if rest else '(none)'}"
    if program == "cmake":
        preset = rest[rest.index("--preset") + 1] if "--preset" in rest else None
        return None if preset is None or preset in PRESETS else f"there is no preset {preset}"
    if program.startswith(("build/", "./build/")):
        return None
    if "/" in program:
        return None if (tree.TOP / program).exists() else f"there is no {program}"
    return None if program in SHELL else f"{program} is not known here"


class Documents(unittest.TestCase):
    def test_every_command_in_the_documents_exists(self):
        for path in tree.files(tree.TOP, {".md"}):
            lines = readme_lines if str(path) == "README.md" else shell_lines
            for line in lines((tree.TOP / path).read_text()):
                for words in commands(line):
                    with self.subTest(document=str(path), line=line):
                        self.assertIsNone(unknown(words))

    def test_a_command_that_does_not_exist_is_found(self):
        for line in ["./run tset", "./run long nonsense", "./run build debug", "weft pubish a", "cat a | weft subscrbe b",
                     "cmake --preset debug", "packaging/dev/nothing.sh", "frobnicate"]:
            with self.subTest(line=line):
                self.assertTrue(any(unknown(words) for words in commands(line)))

    def test_commands_are_taken_from_shell_blocks_only(self):
        text = "```sh\n# note\nA=1 ./run demo \\\n  --seconds 3 && ls\n```\n```cpp\nint x;\n```\n```console\n$ weft nodes\nout\n```\n"
        lines = list(shell_lines(text))
        self.assertEqual([list(commands(line)) for line in lines],
                         [[["./run", "demo", "--seconds", "3"], ["ls"]], [["weft", "nodes"]]])

    def test_readme_tells_how_to_start(self):
        lines = readme_lines((tree.TOP / "README.md").read_text())
        self.assertEqual([line.split("#")[0].split() for line in lines[:2]], [["./run", "demo"], ["./run", "test"]])

    def test_examples_are_the_files_they_name(self):
        named = 0
        for path in tree.files(tree.TOP, {".md"}):
            for kind, block in FENCED.findall((tree.TOP / path).read_text()):
                source = re.match(r"// ([\w./-]+\.[ch]pp): ", block)
                if kind == "cpp" and source:
                    named += 1
                    self.assertEqual(block, (tree.TOP / source[1]).read_text(), f"{path}: its example differs from {source[1]}")
        self.assertGreater(named, 0)

    def test_each_folder_of_the_mesh_has_a_readme_that_names_headers_it_has(self):
        for folder in sorted((tree.TOP / "mesh").iterdir()):
            if not folder.is_dir() or folder.name == "doc":
                continue
            with self.subTest(folder=folder.name):
                readme = folder / "README.md"
                self.assertTrue(readme.exists(), f"{folder} has no README.md")
                for header in re.findall(r"`([\w.]+\.[ch]pp)`", readme.read_text()):
                    self.assertTrue((folder / header).exists(), f"{readme} names {header}, which is not there")

    def test_public_commands_of_weft_are_the_ones_listed_here(self):
        weft = os.path.join(os.environ["WEFT_BINARY_DIR"], "bin/weft")
        if os.path.exists(weft):
            for name in sorted(WEFT_COMMANDS - {"help", "--help", "--version"}):
                with self.subTest(command=name):
                    self.assertEqual(subprocess.run([weft, name, "--help"], capture_output=True).returncode, 0)


class LongRuns(unittest.TestCase):
    def test_table_parses(self):
        self.assertGreater(len(LONG), 0)
        for line, row in zip(LONG_LINES, LONG):
            self.assertIsNotNone(row, f"not `| name | minutes | `command` | what |`: {line}")

    def test_each_script_can_be_executed(self):
        for row in LONG:
            script = tree.TOP / row[3].split()[0]
            self.assertTrue(os.access(script, os.X_OK), f"{row[1]}: {script} is missing or not executable")

    def test_names_differ(self):
        names = [row[1] for row in LONG]
        self.assertEqual(len(names), len(set(names)))

    def test_run_lists_each_with_its_minutes(self):
        listed = subprocess.run([tree.TOP / "run", "long"], check=True, capture_output=True, text=True).stdout
        self.assertEqual([line.split()[:2] for line in listed.splitlines()], [[row[1], row[2]] for row in LONG])


if __name__ == "__main__":
    unittest.main()
