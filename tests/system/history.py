"""Checks what was told of a run against what a mesh promises: nothing acknowledged at its level is lost, nothing is invented, positions
are unique, order is kept.

    history = History()
    history.acknowledged("p", 0, 100, Place("a", "1-9f2c", 0), "synced")   # events 0 to 99 of source p are at a/1-9f2c/0 and behind
    history.sent("p", 120)                                                 # of 120 that were handed to the mesh
    consumer = history.consumer("c")
    consumer.saw("p", 0, 100, Place("a", "1-9f2c", 0, offset=0, topic="t"))
    report = history.report()                                              # report.good, report.problems()

An event is a number of a source; a source publishes at one node at a time, in the order of its numbers. traffic_lines.py tells a
history what the program `traffic` prints, copies.py compares the copies of a log.
"""
from array import array
from dataclasses import dataclass

OF_ONE_NODE = ("synced", "written")  # levels that a lost disk takes with it
_SEQ_BITS = 40
_CHUNK = 4096  # events that are compared at once


@dataclass(frozen=True)
class Place:
    """Of the first of some events that follow each other. `offset` is that among its topic's events in the log."""
    node: str
    epoch: str
    seq: int
    offset: int | None = None
    topic: str = ""


def epoch_count(epoch):
    """What epochs are ordered by; two of one count are two writers."""
    count, _, random = epoch.partition("-")
    return int(count), random


class Source:
    """What one publisher did."""

    def __init__(self):
        self.sent = 0
        self.acknowledged = []  # (first, count, place or None, level)


class Consumer:
    """What one consumer saw, in its order.

    @param sources  those that it must see wholly; None: all
    @param repeats  whether an event may come again, as to a named subscription that was killed
    """

    def __init__(self, name, sources=None, repeats=False):
        self.name, self.sources, self.repeats = name, sources, repeats
        self.runs = {}  # node -> [[source, first, count, place]]: between logs there is no order
        self.events = 0
        self.odd = []   # (place, value) that no publisher sent
        self.gaps = []  # (node, epoch, from, until) that the mesh said it can't give

    def saw(self, source, first, count, place):
        self.events += count
        runs = self.runs.setdefault(place.node, [])
        if runs and _follows(runs[-1], source, first, place):
            runs[-1][2] += count
        else:
            runs.append([source, first, count, place])

    def saw_events(self, events):
        """As `weft subscribe` prints them, with values "SOURCE.NUMBER"."""
        for event in events:
            place = Place(event["node"], event["epoch"], event["seq"], event["topic_offset"], event["topic"])
            source, dot, number = str(event["value"]).rpartition(".")
            if dot and number.isdecimal():
                self.saw(source, int(number), 1, place)
            else:
                self.odd.append((place, event["value"]))


def _stretches(places):
    """(index of the first, its position, count) of those known positions that follow each other."""
    begin = 0
    while begin < len(places):
        packed = places[begin]
        end = begin + 1
        if packed:
            while places[end:end + _CHUNK] == array("Q", range(packed + end - begin, packed + end - begin + _CHUNK)):
                end += _CHUNK
            while end < len(places) and places[end] == packed + end - begin:
                end += 1
            yield begin, packed, end - begin
        begin = end


def _follows(run, source, first, place):
    before, begin, count, at = run
    return (source == before and first == begin + count and (place.epoch, place.topic) == (at.epoch, at.topic)
            and place.seq == at.seq + count and (place.offset is None or place.offset == at.offset + count))


class History:
    def __init__(self):
        self.sources = {}
        self.consumers = []
        self.disks_lost = set()

    def _source(self, name):
        return self.sources.setdefault(name, Source())

    def sent(self, source, until):
        """Numbers below `until` were handed to the mesh: they may be seen."""
        self._source(source).sent = max(until, self._source(source).sent)

    def acknowledged(self, source, first, count, place, level):
        """@param place  of the first; None: not told"""
        of = self._source(source)
        of.sent = max(of.sent, first + count)
        of.acknowledged.append((first, count, place, level))

    def consumer(self, name, sources=None, repeats=False):
        self.consumers.append(Consumer(name, sources, repeats))
        return self.consumers[-1]

    def disk_lost(self, node):
        """What is at this node alone may be lost from now on."""
        self.disks_lost.add(node)

    def acknowledged_events(self):
        return sum(count for source in self.sources.values() for _, count, _, _ in source.acknowledged)

    def report(self):
        return Report(self)


class Report:
    """What is wrong, by kind. Each case is a tuple of what to look for."""

    def __init__(self, history):
        self.history = history
        self.lost = []             # (consumer, source, first, count): acknowledged and not seen
        self.invented = []         # (consumer, source, number) or (consumer, place, value): never sent
        self.events_twice = []     # (source, number, position, another position)
        self.positions_twice = []  # (node, epoch, seq) of two events
        self.repeated = []         # (consumer, source, number)
        self.out_of_order = []     # (who, what before, what after)
        self.skipped = []          # (consumer, node, topic, offset before, offset after)
        self.gaps = []             # (consumer, range)
        self.epochs = set()        # (node, epoch)
        self._places = {}          # source -> array of packed positions, 0: unknown
        self._logs = {}            # (node, epoch) -> its number
        for name, source in history.sources.items():
            for first, count, place, _ in source.acknowledged:
                if place:
                    self._put(name, first, count, place)
        for consumer in history.consumers:
            self._look_at(consumer)
        self._check_positions()
        self._check_source_order()

    KINDS = ("lost", "invented", "events_twice", "positions_twice", "repeated", "out_of_order", "skipped", "gaps")

    @property
    def good(self):
        return not any(getattr(self, kind) for kind in self.KINDS)

    def problems(self):
        """What is wrong, each with its first few cases."""
        found = {kind.replace("_", " "): getattr(self, kind) for kind in self.KINDS}
        return "; ".join(f"{kind}: {cases[:3]} of {len(cases)}" for kind, cases in found.items() if cases)

    def line(self):
        seen = min((consumer.events for consumer in self.history.consumers), default=0)
        lost, twice = sum(case[-1] for case in self.lost), len(self.positions_twice)
        return (f"acknowledged {self.history.acknowledged_events()}, seen by each {seen}, lost {lost}, invented {len(self.invented)}, "
                f"positions twice {twice}, epochs {len(self.epochs)}")

    # --- where each event is

    def _log(self, place):
        self.epochs.add((place.node, place.epoch))
        return self._logs.setdefault((place.node, place.epoch), len(self._logs))

    def _position(self, packed):
        log, seq = packed >> _SEQ_BITS, (packed & ((1 << _SEQ_BITS) - 1)) - 1
        return (*list(self._logs)[log], seq)

    def _put(self, source, first, count, place):
        """Events are at positions: the same as before, or not known yet."""
        places = self._places.setdefault(source, array("Q"))
        if len(places) < first + count:
            places.frombytes(bytes(places.itemsize * (first + count - len(places))))
        begin = (self._log(place) << _SEQ_BITS) + place.seq + 1
        now, before = array("Q", range(begin, begin + count)), places[first:first + count]
        if before == now:
            return
        for number, (old, new) in enumerate(zip(before, now), first):
            if old == 0:
                places[number] = new
            elif old != new:
                self.events_twice.append((source, number, self._position(old), self._position(new)))

    def _check_positions(self):
        every = sorted((packed, count) for places in self._places.values() for _, packed, count in _stretches(places))
        end = 0
        for packed, count in every:
            self.positions_twice += [self._position(one) for one in range(packed, min(end, packed + count))]
            end = max(end, packed + count)

    def _check_source_order(self):
        """What one source published in order is in that order in each log."""
        logs = list(self._logs)
        for source, places in self._places.items():
            last = {}
            for number, packed, count in _stretches(places):
                node, epoch = logs[packed >> _SEQ_BITS]
                at = (epoch_count(epoch), packed)
                before = last.get(node)
                if before and at < before[1]:
                    self.out_of_order.append((source, (before[0], self._position(before[1][1])), (number, self._position(packed))))
                last[node] = (number + count - 1, (at[0], packed + count - 1))

    # --- what a consumer saw

    def _look_at(self, consumer):
        seen = {name: bytearray(source.sent) for name, source in self.history.sources.items()}
        for node, runs in consumer.runs.items():
            self._check_order(consumer, node, runs)
            self._check_offsets(consumer, node, runs)
            for source, first, count, place in runs:
                self._mark(consumer, seen, source, first, count)
                self._put(source, first, count, place)
        self.invented += [(consumer.name, place, value) for place, value in consumer.odd]
        self.gaps += [(consumer.name, gap) for gap in consumer.gaps]
        for name, source in self.history.sources.items():
            if consumer.sources is None or name in consumer.sources:
                self._check_complete(consumer, name, source, seen[name])

    def _mark(self, consumer, seen, source, first, count):
        marks = seen.get(source, bytearray())
        for number in range(max(first, len(marks)), first + count):
            self.invented.append((consumer.name, source, number))
        count = max(0, min(count, len(marks) - first))
        if not consumer.repeats and marks.find(1, first, first + count) >= 0:
            self.repeated += [(consumer.name, source, first + i) for i, mark in enumerate(marks[first:first + count]) if mark]
        marks[first:first + count] = b"\1" * count

    def _check_order(self, consumer, node, runs):
        last = None
        for _, _, count, place in runs:
            at = (epoch_count(place.epoch), place.seq)
            if last is not None and at <= last and not consumer.repeats:
                self.out_of_order.append((consumer.name, (node, last), (node, at)))
            last = (at[0], place.seq + count - 1)

    def _check_offsets(self, consumer, node, runs):
        """They are dense: a jump is an event that was passed over, acknowledged or not."""
        last = {}
        for _, _, count, place in runs:
            if place.offset is None:
                continue
            epoch, before = last.get(place.topic, (place.epoch, -1))
            forgotten = node in self.history.disks_lost and epoch != place.epoch
            if not forgotten and (place.offset > before + 1 or (place.offset <= before and not consumer.repeats)):
                self.skipped.append((consumer.name, node, place.topic, before, place.offset))
            last[place.topic] = (place.epoch, place.offset + count - 1)

    def _check_complete(self, consumer, name, source, marks):
        for first, count, place, level in source.acknowledged:
            if level in OF_ONE_NODE and place and place.node in self.history.disks_lost:
                continue
            if missing := marks[first:first + count].count(0):
                self.lost.append((consumer.name, name, first + marks[first:first + count].index(0), missing))
