"""The monitor's window, read by screen_reader as a person would: page by page, every figure that stands there."""
import json
import re
import subprocess

from weft_harness import BINARY_DIR

READER = BINARY_DIR / "bin/tests/screen_reader"
UNITS = {"": 1, "/s": 1, "/min": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}
STATES = ("healthy", "no telemetry", "degraded", "failing")  # by severity


def number(text):
    """What a figure says, in events, bytes or seconds: "2,262", "9.1 KiB", "201 /s", "1 min 02 s"."""
    parts = re.findall(r"([\d.,]+) ?([A-Za-z/]*)", text)
    if not parts:
        raise AssertionError(f"{text!r} is no figure")
    return sum(float(digits.replace(",", "")) * UNITS[unit] for digits, unit in parts)


class Table:
    def __init__(self, said):
        self.titles = said["titles"]
        self.rows = {tuple(row["key"].split("\x1f")): row["cells"] for row in said["rows"]}


class Page:
    """What one page showed at one moment."""

    def __init__(self, said):
        self.id, self.at_us, self.live, self.problem, self.status = (said[name] for name in ("page", "at_us", "live", "problem", "status"))
        self.tiles, self.charts, self.facts, self.pictures, self.others = (said[name] for name in ("tiles", "charts", "facts", "pictures", "others"))
        self.tables = {name: Table(table) for name, table in said["tables"].items()}

    def nodes(self):
        """What the topology says of each node."""
        return {name: STATES[node["state"]] for name, node in self.pictures["Topology"]["nodes"].items()}

    def names(self):
        """Of every figure on it."""
        found = [("tile", name) for name in self.tiles] + [("chart", name) for name in self.charts] + [("other", name) for name in self.others]
        found += [("picture", name) for name in self.pictures] + [("fact", name, fact) for name, facts in self.facts.items() for fact in facts]
        return set(found + [("cell", name, title) for name, table in self.tables.items() for title in table.titles])


class Screen:
    """A window on the mesh of the node with this data directory."""

    def __init__(self, test, data):
        self.process = test.process(data, program=READER, stdin=subprocess.PIPE)
        test.addCleanup(self.process.popen.stdin.close)

    def order(self, *words):
        self.process.popen.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.popen.stdin.flush()
        return Page(json.loads(self.process.line()))

    def page(self, name, row=""):
        return self.order("page", name, row)

    def at(self, time_us):
        return self.order("at", time_us)

    def live(self):
        return self.order("live")
