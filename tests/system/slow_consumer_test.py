"""A consumer that stops costs its source no memory: megabytes are published while it takes nothing, and it gets every event when it goes on.

WEFT_SLOW_MIB says how many (192, which is more than the source may hold)."""
import json
import os
import pathlib
import re
import secrets
import signal
import unittest

from weft_harness import BINARY_DIR, TOP, WeftTest

MIB = 1 << 20
AMOUNT = int(os.environ.get("WEFT_SLOW_MIB", 192)) * MIB
VALUE = 8 << 10  # bytes of a value
PATIENCE_S = 600

# What a node may hold of what is published, whoever consumes it: the names in mesh/base/limits.hpp, and how often.
HELD = {
    "tail_cache_bytes": 1,  # live consumers read from it; filled by 32 MiB of events
    "commit_queue_bytes_max": 1,  # batches that wait for the disk
    "publishes_unanswered_bytes_max": 1,  # batches of the publishing program on their way into that queue
    "batch_pool_bytes_max": 1,  # free batch memory
    "flow_window_bytes": 1,  # runs on their way to the other node, within its credit
    "link_bytes_in_socket": 1,  # runs inside ZeroMQ
    "index_cache_bytes": 1,
    "read_chunk_bytes": 8,  # pieces read from disk and kept for the next read
}


def limits():
    """Name -> bytes, from the header."""
    text = (TOP / "mesh/base/limits.hpp").read_text()
    found = re.findall(r"(\w+) = (\d+)U? << (\d+)U?;", text)
    return {name: int(number) << int(shift) for name, number, shift in found}


def memory(process, what):
    """VmRSS: now; VmHWM: the most since reset_peak."""
    text = pathlib.Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(re.search(rf"^{what}:\s+(\d+) kB$", text, re.MULTILINE)[1]) << 10


def reset_peak(process):
    pathlib.Path(f"/proc/{process.popen.pid}/clear_refs").write_text("5")


class Lines:
    """Numbered values of a fixed size, as a file to publish."""

    def __init__(self, path, first, count):
        pool = secrets.token_hex(MIB)  # a codec finds nothing to save
        part = lambda number: pool[number * VALUE % MIB:][:VALUE - 30]
        with path.open("w", encoding="ascii") as file:
            file.writelines(f'{{"n":{number},"x":"{part(number)}"}}\n' for number in range(first, first + count))
        self.path, self.end = path, first + count


@unittest.skipIf(BINARY_DIR.name in ("asan", "tsan"), "a sanitizer's memory is not the node's")
class SlowConsumerTest(WeftTest):
    """T32"""

    def setUp(self):
        super().setUp()
        self.a = self.node("a")
        self.b = self.joined(self.a, "b")
        self.published = 0
        warm = Lines(self.directory / "warm", 0, 1000)
        self.publish_file(warm)
        self.consumer = self.process("subscribe", "t", "--data", self.b.data, "--from", "beginning")
        self.next = 0
        self.take(warm.end)

    def publish_file(self, lines):
        done = self.weft_json("publish", "t", "--data", self.a.data, "--json", "--format", "lines", lines.path, timeout=PATIENCE_S)
        self.assertEqual(done["published"], lines.end - self.published)
        self.published = lines.end
        lines.path.unlink()

    def take(self, until):
        """The consumer's events up to that number: every one, in order."""
        while self.next < until:
            self.assertEqual(json.loads(self.consumer.line(PATIENCE_S))["value"]["n"], self.next)
            self.consumer.seen.clear()
            self.next += 1

    def stopped_while_publishing(self, stopped):
        """Publishes while a process stands still. @returns the source's memory before, its most meanwhile, and after the consumer has all"""
        lines = Lines(self.directory / "lines", self.published, AMOUNT // VALUE)
        before = memory(self.a.process, "VmRSS")
        reset_peak(self.a.process)
        stopped.stand_still()
        self.publish_file(lines)
        most = memory(self.a.process, "VmHWM")
        stopped.signal(signal.SIGCONT)
        self.take(lines.end)
        after = memory(self.a.process, "VmRSS")
        return before, most, after, memory(self.a.process, "VmHWM")

    def check(self, who, stopped):
        sizes = limits()
        parts = {name: times * sizes[name] for name, times in HELD.items()}
        before, most, after, most_ever = self.stopped_while_publishing(stopped)
        limit = before + sum(parts.values())
        mib = lambda size: f"{size / MIB:.1f} MiB"
        print(f"{who} stopped while {mib(AMOUNT)} were published: the source had {mib(before)} before, at most {mib(most)} meanwhile, "
              f"at most {mib(most_ever)} up to the consumer's last event, {mib(after)} then; limit {mib(limit)} = before + "
              + " + ".join(f"{name} {mib(size)}" for name, size in parts.items()), flush=True)
        self.assertLessEqual(most_ever, limit)

    def test_program(self):
        self.check("the consuming program", self.consumer)

    def test_node(self):
        self.check("the consumer's node", self.b.process)


if __name__ == "__main__":
    unittest.main()
