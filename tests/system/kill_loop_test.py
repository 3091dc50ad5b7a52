"""kill -9 of a publishing node, again and again under load: what was acknowledged is there, nothing else, each once.

WEFT_KILL_ROUNDS says how often (5); WEFT_SEED replays the moments of the kills."""
import json
import os
import random
import subprocess
import threading
import time
import unittest

from history import History
from weft_harness import WeftTest

ROUNDS = int(os.environ.get("WEFT_KILL_ROUNDS", 5))
SEED = int(os.environ.get("WEFT_SEED", time.time_ns() % 2**32))
ACKNOWLEDGED_BETWEEN = 1000
RATE = 10_000  # events/s of each publisher: several commits are always under way, and a busy machine does not pile up millions
PUBLISHERS = 2


class Load:
    """A `weft publish` that gets numbered values until its node dies. Values are `publisher.round.number`."""

    def __init__(self, test, node, publisher, number):
        self.prefix = f"{publisher}.{number}."
        self.sent = 0
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

    def end(self):
        """How many were acknowledged: always the first ones, since one publisher's events keep their order."""
        result = json.loads(self.process.rest()[-1])
        self.process.wait()
        self.feeder.join()
        self.process.popen.stdin.close()
        return result["published"]


class KillLoopTest(WeftTest):
    def test_kill_loop(self):  # T01
        chance = random.Random(SEED)
        histories = [History() for _ in range(PUBLISHERS)]
        for number in range(ROUNDS):
            node = self.node("a", data=self.directory / "a")
            loads = [Load(self, node, publisher, number) for publisher in range(PUBLISHERS)]
            watchers = [self.process("subscribe", f"load.p{publisher}", "--data", node.data, "--format", "value")
                        for publisher in range(PUBLISHERS)]
            # What a consumer sees is synced, so at least as much will be acknowledged; then a random moment.
            for watcher in watchers:
                for _ in range(ACKNOWLEDGED_BETWEEN + chance.randrange(5000)):
                    self.assertIsNotNone(watcher.line(), watcher.stderr())
            node.kill()
            for watcher in watchers:
                watcher.close()
            for history, load in zip(histories, loads):
                acknowledged = load.end()
                for i in range(load.sent):
                    history.send(f"{load.prefix}{i}")
                for i in range(acknowledged):
                    history.acknowledge(f"{load.prefix}{i}")

        node = self.node("a", data=self.directory / "a")
        for publisher, history in enumerate(histories):
            history.find(self.events(node, f"load.p{publisher}", "--from", "beginning", "--idle", 2, timeout=600))
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.weft_json("verify", node.data, "--json", timeout=600)["damage"], [])

        reports = [history.report() for history in histories]
        everything = History()
        for history in histories:
            everything.sent.update(history.sent)
            everything.acknowledged |= history.acknowledged
            everything.found += history.found
        whole = everything.report()
        openings = {path.name for path in node.data.glob("log/*/*/")}
        print(f"seed {SEED}")
        print(whole.line(epochs=len(openings)), flush=True)
        for report in reports:
            self.assertTrue(report.good, f"seed {SEED}: {report.problems()}")
        self.assertFalse(whole.positions_twice)
        self.assertEqual(len(openings), ROUNDS + 1)
        self.assertGreaterEqual(whole.acknowledged, ROUNDS * ACKNOWLEDGED_BETWEEN)


if __name__ == "__main__":
    unittest.main()
