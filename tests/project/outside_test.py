"""A project outside this tree finds the installed Weft, builds against it and runs: the quickstart and the cookbook, as a reader would copy them."""
import os
import subprocess
import unittest

import tree


class Outside(unittest.TestCase):
    def test_samples_build_and_run_against_the_installed_tree(self):
        done = subprocess.run([tree.TOP / "packaging/dev/outside_project.py", os.environ["WEFT_BINARY_DIR"]], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
