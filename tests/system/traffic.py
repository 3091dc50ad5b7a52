"""Publishers and consumers that run beside a node, over its restarts too, and tell a history what was acknowledged and what came.

They read when they are asked (`drain`): a test stays in one thread.
"""
import queue
import signal

from history import Place
from weft_harness import BINARY_DIR

TRAFFIC = BINARY_DIR / "bin/tests/traffic"
ANSWERS_WITHIN_S = 90  # a client gives up on a node that is away for 30 s


class _Program:
    def __init__(self, test, data, *words):
        self.process = test.process(*words, program=TRAFFIC)
        self.data = data
        self.ended = False

    def drain(self):
        """Takes what it has printed."""
        while not self.ended:
            try:
                line = self.process.lines.get_nowait()
            except queue.Empty:
                return
            self._take(line)

    def _take(self, line):
        if line is None:
            self.ended = True
        else:
            word, *rest = line.decode(errors="replace").rstrip("\n").split(" ")
            getattr(self, f"on_{word}")(*rest)

    def wait(self):
        """To the end of its output."""
        while not self.ended:
            try:
                self._take(self.process.lines.get(timeout=ANSWERS_WITHIN_S))
            except queue.Empty:
                raise AssertionError(f"{' '.join(self.process.args)} does not end: {self.process.stderr()}") from None
        if self.process.wait() != 0:
            raise AssertionError(f"{' '.join(self.process.args)} ended with {self.process.wait()}: {self.process.stderr()}")

    def stop(self):
        self.process.signal(signal.SIGTERM)
        self.wait()


class Publisher(_Program):
    """Publishes numbered events at a rate, `count` of them or until it is stopped."""

    def __init__(self, test, history, data, topic, source, level="synced", rate=1000, count=0, size=100):
        super().__init__(test, data, "publish", data, topic, source, level, rate, count, size)
        self.history, self.source = history, source
        self.acknowledged, self.failed = 0, []
        self.sent = None

    def on_acked(self, first, count, node, epoch, seq, offset, level):
        self.history.acknowledged(self.source, int(first), int(count), Place(node, epoch, int(seq), int(offset)), level)
        self.acknowledged += int(count)

    def on_failed(self, first, count, *why):
        self.history.sent(self.source, int(first) + int(count))
        self.failed.append((int(first), int(count), " ".join(why)))

    def on_end(self, sent):
        self.sent = int(sent)
        self.history.sent(self.source, self.sent)

    def wait(self):
        super().wait()
        if self.sent is None:
            raise AssertionError(f"{self.source}: not all events were answered: {self.process.stderr()}")


class Consumer(_Program):
    """Consumes all from the beginning until it is stopped. `sources`: those that it must see wholly; None: all."""

    def __init__(self, test, history, data, pattern, name, sources=None):
        super().__init__(test, data, "consume", data, pattern)
        self.saw = history.consumer(name, sources)
        self.paused_ms = {}  # node -> the longest time without an event of it; known at the end

    def on_saw(self, source, first, count, node, epoch, seq, offset, topic):
        self.saw.saw(source, int(first), int(count), Place(node, epoch, int(seq), int(offset), topic))

    def on_odd(self, node, epoch, seq, *value):
        self.saw.odd.append((Place(node, epoch, int(seq)), " ".join(value)))

    def on_gap(self, node, epoch, begin, until):
        self.saw.gaps.append((node, epoch, int(begin), int(until)))

    def on_paused(self, milliseconds, node):
        self.paused_ms[node] = int(milliseconds)


def drain(programs):
    for program in programs:
        program.drain()
