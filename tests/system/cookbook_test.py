"""The recipes of the cookbook: each is a program of samples/cookbook, and prints what the cookbook says that it prints."""
import re
import unittest

from weft_harness import BINARY_DIR, TOP, WeftTest

COOKBOOK = (TOP / "sdk/doc/cookbook.md").read_text()
# A file, as its first line names it, and right below it what it prints. That the text is the file's: documents_test.py.
RECIPE = re.compile(r"^```cpp\n// samples/cookbook/(\w+)\.cpp: .*?^```\n\nIt prints:\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def sections(text):
    return re.split(r"^## ", text, flags=re.MULTILINE)[1:]


def recipes(text):
    """What each recipe prints, by its name, in the cookbook's order."""
    return {name: printed for section in sections(text) for name, printed in RECIPE.findall(section)}


class CookbookTest(WeftTest):
    def test_each_recipe_prints_what_the_cookbook_says(self):
        for name, printed in recipes(COOKBOOK).items():
            with self.subTest(recipe=name):
                program = self.process(self.directory / name, program=BINARY_DIR / f"bin/cookbook_{name}")
                lines = program.rest()
                self.assertEqual(program.wait(), 0, program.stderr())
                self.assertEqual(lines, printed.splitlines())
                self.assertNotRegex(program.stderr(), "(?m)^weft: ", "an error was reported")

    def test_an_error_is_reported(self):
        for name in recipes(COOKBOOK):
            with self.subTest(recipe=name):
                (self.directory / name).write_text("a file, where a node's directory should be")
                program = self.process(self.directory / name, program=BINARY_DIR / f"bin/cookbook_{name}")
                self.assertEqual(program.wait(), 1)
                self.assertRegex(program.stderr(), "(?m)^weft: ")

    def test_it_has_each_program_in_a_section_and_the_table_leads_there(self):
        programs = {path.stem for path in (TOP / "samples/cookbook").glob("*.cpp")}
        self.assertEqual(set(recipes(COOKBOOK)), programs)
        headings = [section.splitlines()[0] for section in sections(COOKBOOK)]
        self.assertEqual(len(headings), len(programs))
        anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        self.assertEqual(set(re.findall(r"\]\(#([^)]+)\)", COOKBOOK)), anchors)

    def test_a_recipe_without_its_output_is_found(self):
        whole = "## A\n```cpp\n// samples/cookbook/a.cpp: a\nint main() {}\n```\n\nIt prints:\n\n```text\none `two` three\n```\n"
        self.assertEqual(recipes(whole), {"a": "one `two` three\n"})
        self.assertEqual(recipes(whole.split("It prints")[0] + whole.replace("a.cpp", "b.cpp")), {"b": "one `two` three\n"})


if __name__ == "__main__":
    unittest.main()
