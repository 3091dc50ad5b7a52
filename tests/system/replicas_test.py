"""Copies at other nodes: what was acknowledged at two of them is there when its node dies, byte for byte, and the node goes on.

WEFT_KILL_ROUNDS says how often the owner dies under load (2); WEFT_SEED replays the moments."""
import json
import os
import pathlib
import random
import subprocess
import threading
import time
import unittest

from history import History
from weft_harness import WeftTest

ROUNDS = int(os.environ.get("WEFT_KILL_ROUNDS", 2))
SEED = int(os.environ.get("WEFT_SEED", time.time_ns() % 2**32))
TOPIC = "load.orders"
RATE = 5_000  # events/s


class Load:
    """A `weft publish` at two copies that gets numbered values until its node dies. Values are `p.NUMBER`."""

    def __init__(self, test, node, first):
        self.first = self.sent = first
        self.process = test.process("publish", TOPIC, "--data", node.data, "--ack", "replicas=2", "--json",
                                    "--rate", RATE, stdin=subprocess.PIPE)
        self.feeder = threading.Thread(target=self._feed, daemon=True)
        self.feeder.start()

    def _feed(self):
        try:
            while True:
                block = b"".join(b'"p.%d"\n' % (self.sent + i) for i in range(100))
                self.sent += 100  # counted first: what may have been read counts as sent, whole or not
                os.write(self.process.popen.stdin.fileno(), block)
        except BrokenPipeError:
            pass

    def end(self, history):
        """What was acknowledged are always the first ones, since one publisher's events keep their order."""
        count = json.loads(self.process.rest()[-1])["published"]
        self.process.wait()
        self.feeder.join()
        self.process.popen.stdin.close()
        history.sent("p", self.sent)
        history.acknowledged("p", self.first, count, None, "replicas=2")
        return count


def entries(test, data, log):
    """What the segments of a log below a data directory hold: (epoch, seq) -> (topic, topic offset, bytes of the entry)."""
    found = {}
    for path in sorted(pathlib.Path(data).glob(f"log/{log}/*/*.seg")):
        code, out, err = test.run_weft("dump", path, "--json")
        if code != 0 and not out:
            continue  # begun and never written
        raw = path.read_bytes()
        for entry in json.loads(out)["entries"]:
            end = entry["offset"] + entry["bytes"]
            found[entry["epoch"], entry["seq"]] = entry["topic"], entry["topic_offset"], raw[entry["offset"]:end]
    return found


class ReplicasTest(WeftTest):
    def start_all(self):
        owner = self.node("owner")
        holders = [self.joined(owner, name) for name in ("first", "second")]
        self.weft("topics", "create", TOPIC, "--data", owner.data, "--replicas", 2)
        for holder in holders:
            self.eventually(lambda: self.described(holder)["settings"]["replicas"] == 2, "the topic's record at a holder")
        return owner, holders

    def described(self, node):
        code, out, _ = self.run_weft("topics", "describe", TOPIC, "--data", node.data, "--json")
        return json.loads(out) if code == 0 else {"settings": {"replicas": None}}

    def copies(self, node, short):
        """(wanted, there are) when the topic lacks copies, or does not, as said."""
        found = self.described(node).get("copies")
        return (found["wanted"], found["copies"]) if found and (found["short_since_us"] is not None) == short else None

    def log_of(self, node):
        nodes = self.weft_json("nodes", "--json", "--data", node.data)["nodes"]
        return next(one["id"] for one in nodes if one["name"] == node.name) + ".0"

    def test_owner_dies_under_load(self):
        chance = random.Random(SEED)
        print(f"seed {SEED}")
        history = History()
        owner, holders = self.start_all()
        log = self.log_of(owner)
        first = acknowledged = 0
        for _ in range(ROUNDS):
            load = Load(self, owner, first)
            watcher = self.process("subscribe", TOPIC, "--data", owner.data, "--format", "value")
            for _ in range(500 + chance.randrange(2000)):
                self.assertIsNotNone(watcher.line(), watcher.stderr())
            owner.kill()
            watcher.close()
            acknowledged += load.end(history)
            first = load.sent
            owner = self.node("owner", data=owner.data)
        self.assertEqual(self.publish(owner, TOPIC, [f'"p.{first}"'], "--ack", "replicas=2")["published"], 1)
        history.sent("p", first + 1)
        history.acknowledged("p", first, 1, None, "replicas=2")
        history.consumer("of the owner").saw_events(self.events(owner, TOPIC, "--from", "beginning", "--idle", 2))
        report = history.report()
        print(f"acknowledged {acknowledged}, {report.line()}")
        self.assertGreater(acknowledged, 0)
        self.assertTrue(report.good, f"seed {SEED}: {report.problems()}")
        for node in (owner, *holders):
            self.assertEqual(node.stop(), 0)
        of_topic = lambda data: {at: one for at, one in entries(self, data, log).items() if one[0] == TOPIC}
        mine = of_topic(owner.data)
        self.assertGreater(len(mine), 0)
        for holder in holders:
            self.weft("verify", holder.data)
            self.assertEqual(of_topic(holder.data), mine, f"the copy at {holder.name}")

    def test_the_owner_is_away(self):
        owner, holders = self.start_all()
        self.publish(owner, TOPIC, range(1000), "--ack", "replicas=2")
        before = [self.process("subscribe", TOPIC, "--data", holder.data, "--from", "beginning", "--count", 2000) for holder in holders]
        for consumer in before:
            self.assertEqual([json.loads(consumer.line())["value"] for _ in range(1000)], list(range(1000)))
        owner.kill()
        for holder in holders:
            found = self.events(holder, TOPIC, "--from", "beginning", "--count", 1000)
            self.assertEqual([event["value"] for event in found], list(range(1000)))
            self.assertEqual({event["node"] for event in found}, {"owner"})
        owner = self.node("owner", data=owner.data)
        self.publish(owner, TOPIC, range(1000, 2000), "--ack", "replicas=2")
        for consumer in before:
            self.assertEqual([json.loads(line)["value"] for line in consumer.rest()], list(range(1000, 2000)))
            self.assertEqual(consumer.wait(), 0)

    def test_holders_that_start_again_serve_what_they_hold(self):
        """Their node's machine is lost: nobody tells them any more what it had."""
        owner, holders = self.start_all()
        self.assertEqual(self.publish(owner, TOPIC, range(100), "--ack", "replicas=2")["published"], 100)
        owner.kill()
        for holder in holders:
            self.assertEqual(holder.stop(), 0)
        for holder in holders:
            again = self.node(holder.name, data=holder.data)
            events = self.events(again, TOPIC, "--from", "beginning", "--count", 100)
            self.assertEqual([event["value"] for event in events], list(range(100)))

    def test_more_copies_than_there_are_is_an_error(self):
        owner, _ = self.start_all()
        code, _, err = self.run_weft("publish", TOPIC, "--data", owner.data, "--ack", "replicas=3", stdin="1\n")
        self.assertEqual(code, 1)
        self.assertIn(f"weft topics alter {TOPIC} --replicas 3", err)
        self.assert_usage_error(["publish", TOPIC, "--data", owner.data, "--ack", "replicas=8"], "--ack", "1 to 7")

    def test_a_topic_that_lacks_a_copy_is_shown(self):
        owner, holders = self.start_all()
        self.publish(owner, TOPIC, [1], "--ack", "replicas=2")
        holders[0].kill()
        self.publish(owner, TOPIC, [2])
        self.eventually(lambda: self.copies(owner, short=True) == (2, 1), "the topic lacks a copy")
        self.node("first", data=holders[0].data)
        self.eventually(lambda: self.copies(owner, short=False) == (2, 2), "the copy is there again")


if __name__ == "__main__":
    unittest.main()
