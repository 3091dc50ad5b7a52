"""Every test that is written is one that runs: classes of tests/system are given to ctest, sources of C++ tests to a program."""
import ast
import re
import unittest

import tree

SYSTEM = tree.TOP / "tests/system"


def registered():
    """(file, class) as system_test(FILE CLASS...) says it."""
    lists = (SYSTEM / "CMakeLists.txt").read_text()
    return {(file, name) for file, names in re.findall(r"system_test\((\w+) ([^)]*)\)", lists) for name in names.split()}


def written():
    """(file, class) of all classes that have tests."""
    for path in SYSTEM.glob("*_test.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and any(isinstance(part, ast.FunctionDef) and part.name.startswith("test") for part in node.body):
                yield path.stem.removesuffix("_test"), node.name


class SuiteTest(unittest.TestCase):
    def test_classes_of_system_tests_are_given_to_ctest(self):
        self.assertEqual(set(written()) - registered(), set(), "write them into tests/system/CMakeLists.txt")

    def test_sources_of_tests_are_part_of_a_program(self):
        for path in (tree.TOP / "tests").rglob("*_test.cpp"):
            lists = path.parent / "CMakeLists.txt"
            while not lists.exists():
                lists = lists.parent.parent / "CMakeLists.txt"
            with self.subTest(source=path.relative_to(tree.TOP)):
                self.assertIn(path.relative_to(lists.parent).as_posix(), lists.read_text())


if __name__ == "__main__":
    unittest.main()
