"""kill -9 of a publishing node, again and again under load: what was acknowledged is there, nothing else, each once.

WEFT_KILL_ROUNDS says how often (5); WEFT_SEED replays the moments of the kills."""
import json
import os
import random
import subprocess
import threading
import time
import unittest

from history import History, Place
from weft_harness import WeftTest

ROUNDS = int(os.environ.get("WEFT_KILL_ROUNDS", 5))
SEED = int(os.environ.get("WEFT_SEED", time.time_ns() % 2**32))
ACKNOWLEDGED_BETWEEN = 1000
RATE = 10_000  # events/s of each publisher: several commits are always under way, and a busy machine does not pile up millions
PUBLISHERS = 2


class Load:
    """A `weft publish` that gets numbered values until its node dies. Values are `pPUBLISHER.NUMBER`."""

    def __init__(self, test, node, publisher, first):
        self.prefix = f"p{publisher}."
        self.first = self.sent = first
        self.process = test.process("publish", f"load.p{publisher}", "--data", node.data, "--ack", "synced", "--json",
                                    "--rate", RATE, stdin=subprocess.PIPE)
        self.feeder = threading.Thread(target=self._feed, daemon=True)
        self.feeder.start()

    def _feed(self):
        try:
            while True:
                block = b"".join(b'"%s%d"\n' % (self.prefix.encode(), self.sent + i) for i in range(200))
                # Counted first: what may have been read counts as sent, whole or not.
                self.sent += 200
                os.write(self.process.popen.stdin.fileno(), block)
        except BrokenPipeError:
            pass

    def end(self, history):
        """What was acknowledged are always the first ones, since one publisher's events keep their order."""
        result = json.loads(self.process.rest()[-1])
        self.process.wait()
        self.feeder.join()
        self.process.popen.stdin.close()
        source, count = self.prefix[:-1], result["published"]
        history.sent(source, self.sent)
        history.acknowledged(source, self.first, 1, place_of(result["first"]), "synced")
        history.acknowledged(source, self.first + 1, count - 2, None, "synced")
        history.acknowledged(source, self.first + count - 1, 1, place_of(result["last"]), "synced")
        return count


def place_of(position):
    node, epoch, seq = position.split("/")
    return Place(node, epoch, int(seq))


class KillLoopTest(WeftTest):
    def test_kill_loop(self):  # T01
        chance = random.Random(SEED)
        history = History()
        firsts = [0] * PUBLISHERS
        acknowledged = 0
        for _ in range(ROUNDS):
            node = self.node("a", data=self.directory / "a")
            loads = [Load(self, node, publisher, first) for publisher, first in enumerate(firsts)]
            watchers = [self.process("subscribe", f"load.p{publisher}", "--data", node.data, "--format", "value")
                        for publisher in range(PUBLISHERS)]
            # What a consumer sees is synced, so at least as much will be acknowledged; then a random moment.
            for watcher in watchers:
                for _ in range(ACKNOWLEDGED_BETWEEN + chance.randrange(5000)):
                    self.assertIsNotNone(watcher.line(), watcher.stderr())
            node.kill()
            for watcher in watchers:
                watcher.close()
            acknowledged += sum(load.end(history) for load in loads)
            firsts = [load.sent for load in loads]

        node = self.node("a", data=self.directory / "a")
        for publisher in range(PUBLISHERS):
            consumer = history.consumer(f"of p{publisher}", sources=[f"p{publisher}"])
            consumer.saw_events(self.events(node, f"load.p{publisher}", "--from", "beginning", "--idle", 2, timeout=600))
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.weft_json("verify", node.data, "--json", timeout=600)["damage"], [])

        report = history.report()
        openings = {path.name for path in node.data.glob("log/*/*/")}
        print(f"seed {SEED}\nopened {len(openings)} times, {report.line()}", flush=True)
        self.assertTrue(report.good, f"seed {SEED}: {report.problems()}")
        self.assertEqual(len(openings), ROUNDS + 1)
        self.assertGreaterEqual(acknowledged, ROUNDS * PUBLISHERS * ACKNOWLEDGED_BETWEEN)


if __name__ == "__main__":
    unittest.main()
