#!/usr/bin/env python3
"""Builds and runs samples/quickstart and samples/cookbook as projects of their own against an installed Weft, with a bare environment."""
import argparse
import contextlib
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import tree

PATIENCE_S = 120
ORDERS = 3
RECIPE = "ask"  # one is run: what they print is tests/system/cookbook_test.py's
STOCK = ["tea: 99 left", "tea: 97 left", "tea: 94 left"]


@contextlib.contextmanager
def moved_away(folder, wanted):
    """The build tree is elsewhere for as long as this lasts, so that nothing installed can lean on it."""
    away = folder.with_name(folder.name + ".away")
    if wanted:
        folder.rename(away)
    try:
        yield
    finally:
        if wanted:
            away.rename(folder)


def bare(work, *words, **options):
    """A command that knows nothing of who runs it."""
    return subprocess.run([str(word) for word in words], env={"PATH": "/usr/bin:/bin", "HOME": str(work)}, cwd=work, check=True,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, **options).stdout


def leaning_on(installed, folders):
    """Installed CMake files and headers that name one of `folders`."""
    return [path for path in tree.files(installed, {".cmake", ".hpp"})
            if any(str(folder) in (installed / path).read_text() for folder in folders)]


def build_project(name, work, installed):
    """A copy of samples/NAME, built; returns where."""
    project, build = work / name, work / f"build-{name}"
    shutil.copytree(tree.TOP / "samples" / name, project)
    bare(work, "cmake", "-S", project, "-B", build, f"-DCMAKE_PREFIX_PATH={installed}")
    bare(work, "cmake", "--build", build, "--parallel", "2")
    return build


def stock_of(build, work, data):
    """What the service prints of all orders."""
    service = subprocess.Popen([build / "quickstart_stock", data, work / "stock"], env={"HOME": str(work)}, stdout=subprocess.PIPE, text=True)
    try:
        return [service.stdout.readline().strip() for _ in range(ORDERS)]
    finally:
        service.kill()
        service.wait()
        service.stdout.close()


def try_quickstart(build, work):
    """A publisher serves, a consumer reads its orders, a service keeps count; returns what each printed."""
    data = work / "data"
    publisher = subprocess.Popen([build / "quickstart_publisher", data, str(ORDERS)], env={"HOME": str(work)}, stdout=subprocess.PIPE, text=True)
    try:
        positions = [publisher.stdout.readline().strip() for _ in range(ORDERS)]
        orders = bare(work, build / "quickstart_consumer", data, ORDERS).splitlines()
        stock = stock_of(build, work, data)
        publisher.send_signal(signal.SIGTERM)
        status = publisher.wait(PATIENCE_S)
    finally:
        publisher.kill()
        publisher.stdout.close()
    return positions, orders, stock, status


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path, help="a built build directory")
    parser.add_argument("--move-away", action="store_true", help="rename the build directory meanwhile")
    arguments = parser.parse_args()
    built = arguments.build.resolve()
    with tempfile.TemporaryDirectory(prefix="weft-outside-") as folder:
        work = pathlib.Path(folder)
        installed = work / "installed"
        bare(work, "cmake", "--install", built, "--prefix", installed)
        with moved_away(built, arguments.move_away):
            leaning = leaning_on(installed, [built, tree.TOP])
            if leaning:
                sys.exit(f"outside: installed files name the build or source tree: {', '.join(map(str, leaning))}")
            build = build_project("quickstart", work, installed)
            found = next(line for line in bare(work, "ldd", build / "quickstart_publisher").splitlines() if "libweft.so" in line)
            if str(installed) not in found:
                sys.exit(f"outside: the program does not use the installed library: {found.strip()}")
            positions, orders, stock, status = try_quickstart(build, work)
            recipe = bare(work, build_project("cookbook", work, installed) / f"cookbook_{RECIPE}", work / RECIPE)
    print(f"published at {positions}, consumed {orders}, stock {stock}, publisher ended with {status}; recipe {RECIPE}: {recipe.splitlines()[-1]!r}")
    good = all(positions) and orders == [f"A{i}: {i} x tea" for i in range(1, ORDERS + 1)] and stock == STOCK and status == 0
    sys.exit(0 if good else "outside: the quickstart did not do what its sources say")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"outside: {' '.join(error.cmd)} ended with {error.returncode}:\n{error.output}")
