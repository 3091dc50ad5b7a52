#!/usr/bin/env python3
"""clang-tidy finds nothing, in sources and in headers taken alone, with the checks of .clang-tidy."""
import pathlib
import re
import sys

import tree


def without_precompiled(build):
    """A folder with the build's commands as clang can read them: headers that g++ has precompiled are left out, so that a source also
    shows what it does not include itself."""
    folder = pathlib.Path(build) / "tidy"
    folder.mkdir(exist_ok=True)
    text = (pathlib.Path(build) / "compile_commands.json").read_text()
    (folder / "compile_commands.json").write_text(re.sub(r" -Winvalid-pch| -include \S*cmake_pch\.hxx", "", text))
    return folder


arguments = tree.parser(__doc__).parse_args()
commands = tree.compile_commands(arguments.build)
# A source that this build does not compile (a fuzz target, a folder of another preset) has no options to check it with.
paths = [path for path in tree.chosen(arguments, {".cpp", ".hpp"}) if path.suffix == ".hpp" or path in commands]
tidy = ["clang-tidy-16", "--quiet", "-p", str(without_precompiled(arguments.build)), "--warnings-as-errors=*",
        # Options for g++ that clang does not know or takes otherwise, and a header as main file.
        *(f"--extra-arg=-Wno-{name}" for name in ("unknown-warning-option", "sign-conversion", "pragma-once-outside-header"))]
failed = tree.run_all("clang-tidy", [(path, [*tidy, str(path)]) for path in paths])
if failed:
    sys.exit(f"tidy: {failed} of {len(paths)} files have findings")
print(f"tidy: {len(paths)} files are well")
