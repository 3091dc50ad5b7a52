#!/usr/bin/env python3
"""Dependencies point inward only: each folder includes what RULES lets it, and a library stays where OWNERS puts it."""
import pathlib
import re
import sys

import tree

# Folder -> folders it may include besides itself. What is not listed here may be included by nobody else.
# The longest match counts, so sdk/include is stricter than sdk.
MESH = {
    "mesh/base": [],
    "mesh/wire": ["mesh/base"],
    "mesh/telemetry": ["mesh/base"],
    "mesh/recording": ["mesh/base", "mesh/wire"],  # entries as a log has them, in a file of their own
    "mesh/log": ["mesh/base", "mesh/wire"],
    "mesh/security": ["mesh/base", "mesh/wire"],
    "mesh/contract": ["mesh/base", "mesh/wire", "mesh/security"],  # an id is a hash
    "mesh/catalog": ["mesh/base", "mesh/wire", "mesh/security"],  # stores what security's interfaces ask for
    "mesh/membership": ["mesh/base", "mesh/wire", "mesh/log", "mesh/catalog"],
    "mesh/routing": ["mesh/base", "mesh/wire", "mesh/log", "mesh/catalog"],
    "mesh/delivery": ["mesh/base", "mesh/wire", "mesh/log", "mesh/catalog"],
    "mesh/replication": ["mesh/base", "mesh/wire", "mesh/log", "mesh/catalog"],
    "mesh/transport": ["mesh/base", "mesh/wire", "mesh/log", "mesh/catalog", "mesh/membership", "mesh/routing", "mesh/delivery",
                       "mesh/replication", "mesh/security"],
    "mesh/node": ["mesh"],
}
RULES = {
    **MESH,
    "actors": ["mesh"],
    "sdk/include": ["weft", "mesh/base"],
    "sdk": ["weft", "actors", "mesh"],
    "samples": ["weft"],
    "gui": ["weft", "mesh/base", "mesh/telemetry", "mesh/recording", "sdk/inspect"],  # recordings open with no mesh
    "tests": ["weft", "sdk", "samples", "gui", "actors", "mesh"],
}

# A library's headers -> folders that may include them; tests may include anything.
OWNERS = {
    "caf/": ["actors"],
    "zmq": ["mesh/transport"],
    "sqlite3": ["mesh/catalog", "sdk/src"],
    "sodium": ["mesh/security", "mesh/transport"],
    "Q": ["gui"],
    "gtest/": [], "gmock/": [], "benchmark/": [],
}

# The SDK's public headers, and ours that they lead to, show these and the standard library, nothing else.
PUBLIC = re.compile(r"tl/expected\.hpp$|flatbuffers/|[a-z0-9_]+$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TOPS = ("mesh", "actors", "sdk", "samples", "gui", "tests", "weft")


def inside(path, folder):
    return path == folder or path.startswith(folder + "/")


def home(path):
    """The most exact folder of RULES that holds `path`."""
    return max((folder for folder in RULES if inside(path, folder)), key=len, default=None)


def wrong(path, quote, name):
    """Why the file `path` may not include `name`, or None."""
    folder = home(path)
    ours = name.split("/")[0] in TOPS and "/" in name
    if ours:
        if any(inside(name, allowed) for allowed in [folder, *RULES[folder]]):
            return None
        return f"{folder} may include only {', '.join([folder, *RULES[folder]])}"
    if quote == '"' and not (folder == "samples" and "/" not in name):  # a sample also builds outside the tree
        return "our own headers are included by their path from the top of the tree"
    for library, owners in OWNERS.items():
        if name.startswith(library) and folder != "tests" and not any(inside(path, owner) for owner in owners):
            return f"{library.rstrip('/')} belongs to {', '.join([*owners, 'tests'])} only"
    return None


def includes(path):
    """The includes of a file as (line number, quote, name)."""
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, *found.groups()


def public_violations(top):
    """What a service author would have to install beside the SDK, but for what PUBLIC allows."""
    waiting = [path.as_posix() for path in tree.files(top, tree.CODE) if inside(path.as_posix(), "sdk/include")]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        for number, _, name in includes(top / path):
            ours = "sdk/include/" + name if inside(name, "weft") else name
            if (top / ours).is_file():
                waiting += {ours} - seen
                seen.add(ours)
            elif name.split("/")[0] not in TOPS and not PUBLIC.match(name):
                yield (f"{path}:{number}: includes {name}: public headers lead here, and show only tl/expected.hpp, flatbuffers/ and the "
                       "standard library")


def violations(top):
    """Everything in the tree that breaks the rules, a line each."""
    top = pathlib.Path(top)
    yield from public_violations(top)
    for path in tree.files(top, tree.CODE):
        name = path.as_posix()
        if home(name) is None:
            if path.parts[0] in TOPS:
                yield f"{name}: this folder has no rule: give it a line in packaging/dev/check_includes.py"
            continue
        for number, quote, included in includes(top / path):
            reason = wrong(name, quote, included)
            if reason:
                yield f"{name}:{number}: includes {included}: {reason}"


def cycle():
    """A folder of mesh/ that reaches itself by the rules, or None: the table itself must point inward."""
    def reaches(start, goal, seen):
        steps = [step for step in MESH[start] if step in MESH and step not in seen]
        return goal in steps or any(reaches(step, goal, seen | set(steps)) for step in steps)
    return next((folder for folder in MESH if reaches(folder, folder, set())), None)


if __name__ == "__main__":
    if cycle():
        sys.exit(f"includes: the rules let {cycle()} include itself in a circle")
    found = list(violations(sys.argv[1] if len(sys.argv) > 1 else tree.TOP))
    print("\n".join(found) or "includes: all point inward")
    sys.exit(1 if found else 0)
