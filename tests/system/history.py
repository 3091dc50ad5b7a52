"""Checks what was found in a log against what was published: nothing acknowledged is lost, nothing invented, no position used
twice, order kept."""


class History:
    """Told what was sent and acknowledged, then what was found. A value may be sent once only."""

    def __init__(self):
        self.sent = {}       # value -> the number of its sending
        self.acknowledged = set()
        self.found = []      # events as `weft subscribe` prints them, in its order

    def send(self, value):
        if value in self.sent:
            raise ValueError(f"{value!r} was sent before: the history could not tell them apart")
        self.sent[value] = len(self.sent)

    def acknowledge(self, value):
        """An acknowledgement of this value came."""
        self.acknowledged.add(value)

    def find(self, events):
        self.found.extend(events)

    def report(self):
        return Report(self)


class Report:
    def __init__(self, history):
        values = [event["value"] for event in history.found]
        places = [(event["node"], event["epoch"], event["seq"]) for event in history.found]
        self.acknowledged = len(history.acknowledged)
        self.found = len(set(values) & set(history.sent))
        self.lost = sorted(history.acknowledged - set(values))
        self.invented = [value for value in values if value not in history.sent]
        self.values_twice = _twice(values)
        self.positions_twice = _twice(places)
        self.epochs = sorted({epoch for _, epoch, _ in places}, key=_epoch_count)
        self.out_of_order = _out_of_order(history)
        self.holes = _holes(history.found)

    @property
    def good(self):
        return not (self.lost or self.invented or self.values_twice or self.positions_twice or self.out_of_order or self.holes)

    def line(self, epochs=None):
        """`epochs`: how often the log was opened, when that is known from elsewhere."""
        return (f"acknowledged {self.acknowledged}, found {self.found}, lost {len(self.lost)}, invented {len(self.invented)}, "
                f"positions twice {len(self.positions_twice)}, epochs {len(self.epochs) if epochs is None else epochs}")

    def problems(self):
        """What is wrong, each with its first few cases."""
        parts = {"lost": self.lost, "invented": self.invented, "values twice": self.values_twice,
                 "positions twice": self.positions_twice, "out of order": self.out_of_order, "holes": self.holes}
        return "; ".join(f"{name}: {cases[:3]} of {len(cases)}" for name, cases in parts.items() if cases)


def _twice(items):
    seen, again = set(), []
    for item in items:
        if item in seen:
            again.append(item)
        seen.add(item)
    return again


def _epoch_count(epoch):
    count, _, random = epoch.partition("-")
    return int(count), random


def _out_of_order(history):
    """Neighbours in the log of one node whose sending was the other way round, or whose positions fall."""
    wrong, last = [], {}
    for event in history.found:
        order = (_epoch_count(event["epoch"])[0], event["seq"])
        sending = history.sent.get(event["value"])
        before = last.get(event["node"])
        if before and (order < before[0] or (sending is not None and before[1] is not None and sending < before[1])):
            wrong.append((before, (order, sending)))
        last[event["node"]] = (order, sending)
    return wrong


def _holes(events):
    """Topic offsets are dense per node and topic: (node, topic, offset before, offset after) of each jump."""
    jumps, last = [], {}
    for event in events:
        log = (event["node"], event["topic"])
        before = last.get(log)
        if before is not None and event["topic_offset"] != before + 1:
            jumps.append((*log, before, event["topic_offset"]))
        last[log] = event["topic_offset"]
    return jumps
