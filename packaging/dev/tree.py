"""The files of this tree as the checks see them: ours, from its top, without build output."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
NOT_OURS = {"build", "data", ".git"}
CODE = {".cpp", ".hpp", ".h"}


def files(top, suffixes):
    """All files below `top` with one of these suffixes, as sorted paths relative to it."""
    found = []
    for folder, folders, names in os.walk(top):
        if pathlib.Path(folder) == pathlib.Path(top):
            folders[:] = [name for name in folders if name not in NOT_OURS]
        relative = pathlib.Path(folder).relative_to(top)
        found += [relative / name for name in names if pathlib.Path(name).suffix in suffixes]
    return sorted(found)


def git(*words):
    return subprocess.run(["git", "-C", TOP, *words], check=True, capture_output=True, text=True).stdout


def changed():
    """Paths that differ from the merge base with WEFT_CHECK_BASE, else origin/main, else main; untracked ones too."""
    known = git("for-each-ref", "--format=%(refname:short)").split()
    base = os.environ.get("WEFT_CHECK_BASE") or ("origin/main" if "origin/main" in known else "main")
    since = git("merge-base", "HEAD", base).strip()
    names = git("diff", "--name-only", "--diff-filter=d", "-z", since) + git("ls-files", "-z", "--others", "--exclude-standard")
    return {pathlib.Path(name) for name in names.split("\0") if name}


def chosen(arguments, suffixes):
    """The files a check looks at: those named, else with --all all, else the changed ones."""
    if arguments.files:
        return [pathlib.Path(name).resolve().relative_to(TOP) for name in arguments.files]
    ours = files(TOP, suffixes)
    if arguments.all:
        return ours
    since = changed()
    return [path for path in ours if path in since]


def parser(what):
    result = argparse.ArgumentParser(description=what)
    result.add_argument("--all", action="store_true", help="all files, not only those changed against the merge base")
    result.add_argument("--build", default=TOP / "build/dev", type=pathlib.Path, help="a configured build directory")
    result.add_argument("files", nargs="*", help="exactly these files")
    return result


def compile_commands(build):
    """Compile commands by source file (relative to the top), each a list of words."""
    path = build / "compile_commands.json"
    if not path.exists():
        sys.exit(f"{path} is missing: configure first (./run build)")
    commands = {}
    for entry in json.loads(path.read_text()):
        source = pathlib.Path(entry["file"])
        if source.is_relative_to(TOP):
            commands[source.relative_to(TOP)] = shlex.split(entry["command"])
    return commands


def run_all(label, commands):
    """Runs (name, words) pairs, two at a time, prints what failed and returns how many did."""
    def one(item):
        name, words = item
        done = subprocess.run(words, cwd=TOP, capture_output=True, text=True)
        if done.returncode:
            said = re.sub(r"(?m)^\d+ (warnings?|errors?).* generated\.\n", "", done.stdout + done.stderr)
            print(f"{name}: {label}\n{said}", flush=True)
        return done.returncode != 0

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return sum(pool.map(one, commands))
