"""The list of Debian packages is one name a line, without repetition, and this machine, on which everything was built, has each."""
import re
import shutil
import subprocess
import unittest

import tree

LINES = (tree.TOP / "packaging/debian-packages.txt").read_text().splitlines()
NAMES = [line for line in LINES if line and not line.startswith("#")]


class Packages(unittest.TestCase):
    def test_one_name_a_line(self):
        for name in NAMES:
            self.assertRegex(name, re.compile(r"^[a-z0-9][a-z0-9+.-]+$"))
        self.assertGreater(len(NAMES), 10)

    def test_no_name_twice(self):
        self.assertEqual(len(NAMES), len(set(NAMES)))

    @unittest.skipUnless(shutil.which("dpkg-query"), "not Debian")
    def test_dpkg_has_each(self):
        shown = subprocess.run(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *NAMES],
                               capture_output=True, text=True)
        self.assertEqual(shown.stderr, "")
        self.assertEqual({line.split()[0] for line in shown.stdout.splitlines() if line.endswith(" installed")}, set(NAMES))


if __name__ == "__main__":
    unittest.main()
