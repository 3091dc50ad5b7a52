#!/usr/bin/env python3
"""Every C++ file is formatted as .clang-format says."""
import subprocess
import sys

import tree

paths = tree.chosen(tree.parser(__doc__).parse_args(), tree.CODE)
if paths and subprocess.run(["clang-format-16", "--dry-run", "--Werror", *paths], cwd=tree.TOP).returncode:
    sys.exit("format: run clang-format-16 -i on the files named above")
print(f"format: {len(paths)} files are well")
