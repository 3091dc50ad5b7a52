"""Compares the copies of logs byte by byte, and with what was acknowledged at copies.

    copies = Copies()
    copies.add("b", entries_of(test, directory_of_b))  # the node must not run
    copies.diverged                                    # entries that are not the same everywhere
    copies.lacking(history, {"a": log_of_a})           # acknowledged at more copies than there are
"""
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    log: str  # as its directory is named
    epoch: str
    seq: int
    count: int
    digest: bytes  # of all its bytes, header included


def entries_of(test, data):
    """Of every log in a data directory, as `weft dump` finds them."""
    for path in sorted(data.glob("log/*/*/*.seg")):
        dumped = test.weft_json("dump", path, "--json")
        with path.open("rb") as file:
            for entry in dumped["entries"]:
                file.seek(entry["offset"])
                digest = hashlib.blake2b(file.read(entry["bytes"]), digest_size=16).digest()
                yield Entry(dumped["log"], entry["epoch"], entry["seq"], entry["count"], digest)


def copies_of(level):
    """How many other nodes a level promises."""
    return int(level.removeprefix("replicas=")) if level.startswith("replicas=") else 0


class Copies:
    def __init__(self):
        self.diverged = []  # (holder, another, entry)
        self._first = {}    # (log, epoch, seq) -> (entry, who has it)
        self._has = {}      # (log, epoch) -> {holder: a mark for each seq}

    def add(self, holder, entries):
        for entry in entries:
            first, owner = self._first.setdefault((entry.log, entry.epoch, entry.seq), (entry, holder))
            if entry != first:
                self.diverged.append((holder, owner, entry))
                continue
            marks = self._has.setdefault((entry.log, entry.epoch), {}).setdefault(holder, bytearray())
            end = entry.seq + entry.count
            marks.extend(bytes(max(0, end - len(marks))))
            marks[entry.seq:end] = b"\1" * entry.count

    def holders(self, log, epoch, seq, count=1):
        """Who has all of these events."""
        every = b"\1" * count
        return sorted(holder for holder, marks in self._has.get((log, epoch), {}).items() if marks[seq:seq + count] == every)

    def lacking(self, history, logs):
        """@param logs  node -> its log
        @returns (source, first, count, place, level, holders) of what fewer nodes have than was acknowledged: the
        log's own, unless its disk was lost, and the copies"""
        found = []
        for name, source in history.sources.items():
            for first, count, place, level in source.acknowledged:
                if not place or (wanted := copies_of(level)) == 0:
                    continue
                holders = self.holders(logs[place.node], place.epoch, place.seq, count)
                if len(set(holders) - {place.node}) < wanted or (place.node not in history.disks_lost and place.node not in holders):
                    found.append((name, first, count, place, level, holders))
        return found
