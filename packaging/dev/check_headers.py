#!/usr/bin/env python3
"""Every header compiles alone, with the options of a source file near it."""
import sys

import tree

NO_OUTPUT = {"-c"}
WITH_VALUE = {"-o", "-MF", "-MT"}


def options(words):
    """The compiler and its options, without launcher, input and output."""
    start = next(i for i, word in enumerate(words) if word.rsplit("/", 1)[-1].startswith(("c++", "g++", "clang++")))
    kept, skip = [], False
    for word in words[start:]:
        if skip or word in WITH_VALUE:
            skip = not skip
        elif word not in NO_OUTPUT and not word.endswith(".cpp"):
            kept.append(word)
    return kept


def nearest(header, commands):
    """The source file that shares most leading folders with `header`; its own .cpp first."""
    def closeness(source):
        shared = 0
        for a, b in zip(header.parts[:-1], source.parts[:-1]):
            if a != b:
                break
            shared += 1
        return (source.with_suffix(".hpp") == header, shared, -len(source.parts), str(source))
    return max(commands, key=closeness)


arguments = tree.parser(__doc__).parse_args()
headers = tree.chosen(arguments, {".hpp"})
headers = [path for path in headers if path.suffix == ".hpp"]
commands = tree.compile_commands(arguments.build)
jobs = [(path, options(commands[nearest(path, commands)]) + ["-fsyntax-only", "-w", "-x", "c++", str(path)])
        for path in headers] # -w: a main file with #pragma once is warned about
failed = tree.run_all("does not compile alone", jobs)
if failed:
    sys.exit(f"headers: {failed} of {len(headers)} do not compile alone: include what they use")
print(f"headers: {len(headers)} compile alone")
