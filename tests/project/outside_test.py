"""A project outside this tree finds the installed Weft, builds against it and runs: the quickstart, as a reader would copy it."""
import os
import subprocess
import unittest

import tree


class Outside(unittest.TestCase):
    def test_quickstart_builds_and_runs_against_the_installed_tree(self):
        done = subprocess.run([tree.TOP / "packaging/dev/outside_project.py", os.environ["WEFT_BINARY_DIR"]], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
