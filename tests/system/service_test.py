"""A service with state, killed at random points of its steps, and its node below it."""
import json
import os
import random
import signal
import sqlite3
import unittest

from weft_harness import BINARY_DIR, WeftTest, position

COUNTING = BINARY_DIR / "bin/tests/counting_service"
KEYS, EVENTS, KILLS = 500, 40_000, 20


class CountingTest(WeftTest):
    def counting(self, node):
        service = self.process(node.data, self.directory / "state", program=COUNTING)
        self.assertEqual(service.line(), "ready", service.stderr())
        return service

    def publish_inputs(self, node):
        """@returns what is right: of each key how many, and their sum"""
        inputs = [{"k": f"k{self.drawn.randrange(KEYS)}", "n": self.drawn.randrange(1000)} for _ in range(EVENTS)]
        lines = "".join(json.dumps(one) + "\n" for one in inputs)
        self.weft("publish", "shop.in", "--data", node.data, "--key-field", "k", "--format", "jsonl", "-", stdin=lines)
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE inputs (k, n)")
        database.executemany("INSERT INTO inputs VALUES (:k, :n)", inputs)
        return {k: (count, total) for k, count, total in database.execute("SELECT k, count(*), sum(n) FROM inputs GROUP BY k")}

    def test_state_and_outputs_are_as_if_it_was_never_killed(self):
        seed = int(os.environ.get("WEFT_SEED", random.SystemRandom().randrange(2**32)))
        print(f"WEFT_SEED={seed}", flush=True)
        self.drawn = random.Random(seed)
        node = self.node("a")
        wanted = self.publish_inputs(node)
        pids = []
        for kill in range(KILLS):
            service = self.counting(node)
            pids.append(service.popen.pid)
            for _ in range(self.drawn.randrange(3)):  # lines of 500 events
                service.line()
            if kill % 5 == 4:
                node.kill()
                service.kill()
                node = self.node("a", listen=node.address)
            else:
                service.kill()
        service = self.counting(node)
        outputs = self.events(node, "shop.out", "--from", "beginning", "--count", EVENTS)
        self.eventually(lambda: self.lag(node) == 0, "all inputs are finished")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.wait(), 0, service.stderr())
        print(f"pids {pids}: {KILLS} kills, {EVENTS} inputs, {len(outputs)} outputs")

        state = sqlite3.connect(self.directory / "state/state.db")
        kept = {key.decode(): json.loads(value) for key, value in state.execute("SELECT key, value FROM state WHERE tab = 'totals'")}
        self.assertEqual({k: (total["count"], total["sum"]) for k, total in kept.items()}, wanted)
        self.assertEqual(state.execute("SELECT count(*) FROM outbox").fetchone(), (0,))

        inputs = self.events(node, "shop.in", "--from", "beginning", "--count", EVENTS)
        origins = [dict(output["headers"])["weft-origin"] for output in outputs]
        self.assertEqual(sorted(origins), sorted(f"counting {position(one)} 0" for one in inputs))
        counts = {}
        for output in outputs:  # of each key in order, each once
            value = output["value"]
            self.assertEqual(value["count"], counts.get(value["k"], 0) + 1, value)
            counts[value["k"]] = value["count"]
        self.assertEqual(self.events(node, "shop.out", "--from", "beginning", "--idle", "1")[EVENTS:], [], "nothing more")

    def lag(self, node):
        return sum(row["events"] for row in self.weft_json("lag", "--json", "--data", node.data)["lag"] if row["name"] == "counting")


if __name__ == "__main__":
    unittest.main()
