"""Compaction in a node: the last event of each key stays, for who begins afterwards and for who was away, over kills."""
import json
import unittest

from retention import RetentionTest

KEYS, EVENTS = 500, 100_000


class CompactionTest(RetentionTest):
    config = """
[log]
segment_bytes = "4MiB"
"""

    def compacted(self, node):
        return self.topic(node, "stock")["compacted"]

    def state(self, node, *options):
        """What who reads it has at the end, and of how many events."""
        events = self.events(node, "stock", "--from", "beginning", "--idle", "2", *options)
        return {event["key"]: event["value"]["n"] for event in events}, len(events)

    def restarted(self, node):
        node.kill()
        return self.start(listen=node.address)

    def test_the_last_event_of_each_key_stays_over_kills(self):
        a = self.start()
        self.weft("topics", "create", "stock", "--compaction", "on", "--data", a.data)
        self.weft("groups", "create", "away", "stock", "--data", a.data)
        load = self.directory / "load.jsonl"
        load.write_text("".join(json.dumps({"k": f"k{n % KEYS}", "n": n}) + "\n" for n in range(EVENTS)))
        self.weft("publish", "stock", "--data", a.data, "--key-field", "k", "--format", "jsonl", load)
        last = {f"k{n % KEYS}": n for n in range(EVENTS)}
        a = self.restarted(a)  # which ends the segment that was written to
        self.eventually(lambda: (self.compacted(a) or {}).get("saved_bytes"), "some was written anew")
        a = self.restarted(a)  # perhaps while it goes on
        self.eventually(lambda: (self.compacted(a) or {}).get("last_round_us"), "a round has ended")
        kept, count = self.state(a)
        self.assertEqual(kept, last)
        self.assertLess(count, EVENTS // 10)
        rows = [row for row in self.weft_json("lag", "--json", "--data", a.data)["lag"] if row["name"] == "away"]
        self.assertEqual([(row["topic"], row["at_most"]) for row in rows], [("stock", True)])
        self.assertGreaterEqual(rows[0]["events"], KEYS)
        kept, _ = self.state(a, "--group", "away")
        self.assertEqual(kept, last)
        self.weft("publish", "stock", "--data", a.data, "--key-field", "k", "--format", "jsonl", "-", stdin='{"k": "k7", "n": -1}\n')
        a = self.restarted(a)
        self.assertEqual(self.state(a)[0], {**last, "k7": -1})
        self.assertEqual(a.stop(), 0)
        self.assertIn(b"no damage", self.weft("verify", a.data))


if __name__ == "__main__":
    unittest.main()
