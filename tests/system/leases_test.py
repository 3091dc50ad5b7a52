"""Leases: what a group still needs stays beyond its topic's retention, up to a limit, over a kill of the node."""
import unittest

from retention import MIB, RetentionTest

CONFIG = """
[topics]
retention_bytes = "64KiB"
[log]
segment_bytes = "4MiB"
[cursors]
lease_bytes = "24MiB"
"""


class LeasesTest(RetentionTest):
    config = CONFIG

    def lag(self, node, group):
        rows = self.weft_json("lag", "--data", node.data, "--json")["lag"]
        return next(row for row in rows if row["name"] == group)

    def numbers(self, node, topic, group, count):
        """What a member of the group gets, and what it is told on stderr."""
        code, out, err = self.run_weft("subscribe", topic, "--group", group, "--data", node.data, "--from", "beginning",
                                       "--format", "value", "--count", count)
        self.assertEqual(code, 0, err)
        return sorted(int(line.split()[0]) for line in out.splitlines()), err  # without keys they have no order

    def named(self, node, topic, name, count):
        """As numbers(), for a named subscription; in order."""
        code, out, err = self.run_weft("subscribe", topic, "--name", name, "--data", node.data, "--from", "beginning",
                                       "--format", "value", "--count", count)
        self.assertEqual(code, 0, err)
        return [int(line.split()[0]) for line in out.splitlines()], err

    def goes(self, node, topic, above=0):
        self.eventually(lambda: self.topic(node, topic)["start"] > above, f"retention takes events of {topic}")
        return self.topic(node, topic)["start"]

    def test_name_that_was_away_over_a_kill_loses_nothing(self):  # T12
        a = self.start()
        self.publish(a, "orders", ["0 first", "1 second"])
        self.assertEqual(self.named(a, "orders", "audit", 1)[0], [0])
        self.eventually(lambda: self.lag(a, "audit")["lease"] == "ready", "the name's cursor is on disk")
        orders = 2 + self.fill(a, "orders", 12, first=2)
        free = self.fill(a, "free", 12)
        start = self.goes(a, "free")
        a.kill()
        a = self.start(listen=a.address)
        self.fill(a, "free", 12, first=free)
        self.goes(a, "free", above=start)
        self.eventually(lambda: self.lag(a, "audit")["lease"] == "holds", "the name holds what retention would take")
        got, err = self.named(a, "orders", "audit", orders - 1)
        self.assertEqual(got, list(range(1, orders)))
        self.assertNotIn("can't be had", err)
        self.fill(a, "free", 8)
        self.goes(a, "orders")

    def test_name_that_is_deleted_lets_go_and_begins_anew_over_a_kill(self):
        a = self.start()
        self.publish(a, "orders", ["0 first", "1 second"])
        self.assertEqual(self.named(a, "orders", "audit", 1)[0], [0])
        self.eventually(lambda: self.lag(a, "audit")["lease"] == "ready", "the name's cursor is on disk")
        orders = 2 + self.fill(a, "orders", 12, first=2)
        self.eventually(lambda: self.lag(a, "audit")["lease"] == "holds", "the name holds what retention would take")
        reader = self.process("subscribe", "orders", "--name", "live", "--data", a.data)
        self.assertIsNotNone(reader.line())
        code, _, err = self.run_weft("groups", "delete", "live", "--data", a.data)
        self.assertEqual(code, 1)
        self.assertIn("the named subscription live is in use by weft", err)
        self.assertEqual(self.weft("groups", "delete", "live", "--force", "--data", a.data), b"deleted the named subscription live\n")
        self.assertEqual(reader.wait(), 1)
        self.assertIn("an operator deleted the named subscription live", reader.stderr())
        self.assertEqual(self.weft("groups", "delete", "audit", "--data", a.data), b"deleted the named subscription audit\n")
        a.kill()

        a = self.start(listen=a.address)
        self.assertEqual(self.weft_json("groups", "--data", a.data, "--json")["groups"], [])
        self.assertEqual(self.weft_json("lag", "--data", a.data, "--json")["lag"], [])
        code, _, err = self.run_weft("groups", "delete", "audit", "--data", a.data)
        self.assertEqual(code, 1)
        self.assertIn("knows no group and no named subscription audit", err)
        start = self.goes(a, "orders")
        self.assertNotIn("lease of audit", a.process.stderr())
        got, err = self.named(a, "orders", "audit", orders - start)
        self.assertEqual(got, list(range(start, orders)))
        self.assertNotIn("can't be had", err)

    def test_slow_group_loses_nothing_and_one_beyond_its_lease_is_told(self):  # T12
        a = self.start()
        for topic, group in (("orders", "packers"), ("clicks", "counters")):
            self.publish(a, topic, ["0 first", "1 second"])
            self.assertEqual(self.numbers(a, topic, group, 1)[0], [0])
        orders = 2 + self.fill(a, "orders", 12, first=2)
        free = self.fill(a, "free", 12)
        clicks = 2 + self.fill(a, "clicks", 60, first=2)
        start = self.goes(a, "free")
        self.goes(a, "clicks")
        self.assertEqual(self.topic(a, "orders")["start"], 0, "its group holds it")
        held = self.eventually(lambda: (row := self.lag(a, "packers"))["lease"] == "holds" and row, "the group holds orders")
        self.assertEqual((held["events"], held["ran_out_us"]), (orders - 1, None))
        self.assertGreater(held["held_bytes"], MIB)
        passed = self.eventually(lambda: (row := self.lag(a, "counters"))["lease"] == "ran-out" and row, "the lease on clicks ran out")
        self.assertEqual(passed["ran_out_why"], "bytes")
        self.assertLessEqual(passed["held_bytes"], 24 * MIB)
        self.assertIn("the lease of counters on clicks ran out", a.process.stderr())
        self.assertNotIn("lease of packers", a.process.stderr())

        a.kill()
        a = self.start(listen=a.address)
        self.fill(a, "free", 12, first=free)
        self.goes(a, "free", above=start)
        self.assertEqual(self.topic(a, "orders")["start"], 0, "the lease was known before anything went")

        got, err = self.numbers(a, "orders", "packers", orders - 1)
        self.assertEqual(got, list(range(1, orders)))
        self.assertNotIn("can't be had", err)
        first = self.topic(a, "clicks")["start"]
        got, err = self.numbers(a, "clicks", "counters", clicks - first)
        self.assertEqual(got, list(range(first, clicks)))
        self.assertIn("clicks from a/", err)
        self.assertIn("can't be had", err)

        self.fill(a, "free", 8)
        self.goes(a, "orders")
        described = self.weft_json("groups", "describe", "packers", "--data", a.data, "--json")
        self.assertEqual([(lease["topic"], lease["lease"]) for lease in described["leases"]], [("orders", "ready")])


if __name__ == "__main__":
    unittest.main()
