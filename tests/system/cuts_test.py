"""Cuts: made while all nodes are published to, read up to and from, over kills, away nodes and ended leases."""
import datetime
import json
import unittest

from retention import RetentionTest
from weft_harness import WeftTest, place

CONFIG = """
[log]
segment_bytes = "4MiB"
"""


class CutsTest(WeftTest):
    def three(self):
        a = self.node("a")
        nodes = [a, self.joined(a, "b"), self.joined(a, "c")]
        for node in nodes:
            self.publish(node, "t", ["first"])
        self.sees(a, nodes)
        return nodes

    def sees(self, at, nodes):
        """All of them are known to have the topic, so that a subscription looks for it there."""
        names = {node.name for node in nodes}
        there = lambda: {row["node"] for row in self.weft_json("route", "t", "--data", at.data, "--json")["routes"]
                         if row["state"] == "alive"}
        self.eventually(lambda: names <= there(), f"{names} are seen at {at.name}")

    def again(self, node):
        return self.node(node.name, data=node.data, listen=node.address)

    def cut(self, node, name):
        return self.weft_json("cuts", "describe", name, "--data", node.data, "--json")

    def up_to(self, node, cut):
        code, out, err = self.run_weft("subscribe", "t", "--data", node.data, "--from", "beginning", "--until", f"cut:{cut}")
        self.assertEqual(code, 0, err)
        return [json.loads(line) for line in out.splitlines()]

    def behind(self, node, cut, count):
        return self.events(node, "t", "--from", f"cut:{cut}", "--count", count)

    def complementary(self, node, cut, total):
        """The values on either side of the cut; together each event once."""
        before = self.up_to(node, cut)
        after = self.behind(node, cut, total - len(before))
        self.assertEqual(len({place(event) for event in before + after}), total)
        return {event["value"] for event in before}, {event["value"] for event in after}

    def test_cut_under_load_parts_what_was_acknowledged_before_from_what_comes_after(self):
        nodes = self.three()
        a, b, _ = nodes
        before = {f"before {node.name}" for node in nodes}
        for node in nodes:
            self.publish(node, "t", [f"before {node.name}"])
        count = 5_000
        load = self.directory / "load"
        load.write_text("".join(f"{n}\n" for n in range(count)))
        publishers = [self.process("publish", "t", "--data", node.data, "--rate", 1000, load) for node in nodes]
        code, out, err = self.run_weft("cut", "create", "mid", "--data", b.data)
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.startswith(b"cut mid is at 2"), out)
        after = {f"after {node.name}" for node in nodes}
        for node in nodes:
            self.publish(node, "t", [f"after {node.name}"])
        for publisher in publishers:
            self.assertEqual(publisher.wait(), 0, publisher.stderr())
        total = 3 * (count + 3)
        for node in nodes:
            self.sees(node, nodes)
        left, right = self.complementary(a, "mid", total)
        self.assertLessEqual(before, left)
        self.assertFalse(before & right)
        self.assertLessEqual(after, right)
        self.assertFalse(after & left)
        print(f"{len(left)} values before the cut, {len(right)} behind it")

        b.kill()
        a.kill()
        nodes[:2] = a, b = self.again(a), self.again(b)
        for node in nodes:
            self.publish(node, "t", [f"later {node.name}"])
            self.sees(node, nodes)
        later_left, later_right = self.complementary(b, "mid", total + 3)
        self.assertEqual(later_left, left)
        self.assertEqual(later_right, right | {f"later {node.name}" for node in nodes})

        for node in nodes:
            self.weft("groups", "create", "packers", "t", "--data", node.data)
            self.weft("groups", "seek", "packers", "cut:mid", "--local", "--data", node.data)
        parts = len(self.up_to(a, "mid"))
        moved = self.events(a, "t", "--group", "packers", "--count", total + 3 - parts)
        self.assertEqual({event["value"] for event in moved}, later_right)

    def test_a_log_that_is_away_is_named_and_hears_of_the_cut_when_it_is_back(self):
        nodes = self.three()
        a, _, c = nodes
        c.kill()
        dead = lambda: {node["name"]: node["state"] for node in self.weft_json("nodes", "--data", a.data, "--json")["nodes"]}["c"] == "dead"
        self.eventually(dead, "c is seen to be gone")
        code, out, err = self.run_weft("cuts", "create", "away", "t", "--data", a.data, "--json")
        self.assertEqual((code, err), (0, "weft cuts create: cut away says nothing of the logs of c: they did not answer when it was made\n"))
        self.assertEqual((json.loads(out)["absent"], json.loads(out)["state"]), (["c"], "made"))
        c = self.again(c)
        self.eventually(lambda: [cut["name"] for cut in self.weft_json("cuts", "--data", c.data, "--json")["cuts"]] == ["away"], "c hears of it")
        self.assertEqual(self.cut(c, "away")["absent"], ["c"])
        code, _, err = self.run_weft("cuts", "create", "away", "--data", c.data)
        self.assertEqual(code, 1)
        self.assertIn("there is a cut away (made): take another name", err)
        self.assertEqual(self.weft("cuts", "delete", "away", "--data", c.data), b"deleted cut away\n")
        self.eventually(lambda: self.weft_json("cuts", "--data", a.data, "--json") == {"cuts": []}, "a hears that it is gone")
        code, _, err = self.run_weft("subscribe", "t", "--from", "cut:away", "--data", a.data)
        self.assertEqual(code, 1)
        self.assertIn("there is no cut away", err)

    def test_an_earlier_moment_becomes_a_cut(self):
        a = self.node("a")
        self.publish(a, "t", ["one", "two"])
        moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.publish(a, "t", ["three"])
        self.weft("cuts", "create", "earlier", "--at", moment, "--data", a.data)
        self.assertEqual([event["value"] for event in self.up_to(a, "earlier")], ["one", "two"])
        self.assertEqual([event["value"] for event in self.behind(a, "earlier", 1)], ["three"])
        self.assert_usage_error(("cuts", "create", "later", "--at", "2999-01-01T00:00:00Z", "--data", a.data), "has not come yet")


class CutLeaseTest(RetentionTest):
    config = CONFIG

    def test_it_holds_what_there_was_over_a_kill_until_its_lease_ends(self):
        a = self.start()
        for topic in ("orders", "free"):
            self.weft("topics", "create", topic, "--retention-bytes", "64KiB", "--data", a.data)
        self.publish(a, "orders", ["0 first", "1 second"])
        self.weft("cuts", "create", "keep", "orders", "--data", a.data)
        orders = 2 + self.fill(a, "orders", 12, first=2)
        free = self.fill(a, "free", 12)
        self.eventually(lambda: self.topic(a, "free")["start"] > 0, "retention takes what is free")
        start = self.topic(a, "free")["start"]
        a.kill()
        a = self.start(listen=a.address)
        self.fill(a, "free", 12, first=free)
        self.eventually(lambda: self.topic(a, "free")["start"] > start, "it takes more")
        self.assertEqual(self.topic(a, "orders")["start"], 0, "the cut holds it")
        held = self.weft_json("cuts", "describe", "keep", "--data", a.data, "--json")["leases"]
        self.assertEqual([(lease["topic"], lease["lease"]) for lease in held], [("orders", "holds")])
        from_cut = self.events(a, "orders", "--from", "cut:keep", "--count", orders - 2)
        self.assertEqual([int(event["value"].split()[0]) for event in from_cut], list(range(2, orders)))

        self.weft("cuts", "delete", "keep", "--data", a.data)
        self.eventually(lambda: self.topic(a, "orders")["start"] > 0, "what it held goes")

    def test_one_whose_lease_has_ended_is_told_as_expired(self):
        a = self.start()
        self.publish(a, "orders", ["first"])
        self.weft("cuts", "create", "short", "orders", "--lease", "20s", "--data", a.data)
        state = lambda: self.weft_json("cuts", "describe", "short", "--data", a.data, "--json")["state"]
        self.eventually(lambda: state() == "expired", "its lease ends")
        for option in ("--from", "--until"):
            code, out, err = self.run_weft("subscribe", "orders", option, "cut:short", "--data", a.data)
            self.assertEqual((code, out), (1, b""))
            self.assertIn("cut short has expired", err)
        self.weft("groups", "create", "packers", "orders", "--data", a.data)
        code, _, err = self.run_weft("groups", "seek", "packers", "cut:short", "--data", a.data)
        self.assertEqual(code, 1)
        self.assertIn("cut short has expired", err)
        self.eventually(lambda: "cut short holds nothing back any more" in a.process.stderr(), "the diagnostics say it")


if __name__ == "__main__":
    unittest.main()
