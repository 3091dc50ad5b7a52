"""Every C++ file of the tree is formatted as .clang-format says, and a badly formatted one would be noticed."""
import subprocess
import unittest

import tree


class Format(unittest.TestCase):
    def test_tree_is_formatted(self):
        done = subprocess.run([tree.TOP / "packaging/dev/check_format.py", "--all"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_our_style_refuses_other_styles(self):
        done = subprocess.run(["clang-format-16", "--dry-run", "--Werror", "--assume-filename=mesh/base/x.cpp"], cwd=tree.TOP,
                              input="int  f( int *a ){return *a;}\n", capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
