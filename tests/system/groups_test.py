"""Groups: members as processes at several nodes, killed, stopped and added under load, and nodes killed below them."""
import collections
import json
import os
import random
import signal
import unittest

from relay_test import RelayTest
from weft_harness import WeftTest, place

GROUP = ("--group", "g")
KEYS = 200


class Member:
    """A `weft subscribe --group` process and what it printed."""

    def __init__(self, test, name, node):
        self.name, self.events = name, []
        self.process = test.process("subscribe", "t", *GROUP, "--data", node.data)

    def drain(self):
        while not self.process.lines.empty():
            line = self.process.lines.get()
            if line is None:
                self.process.lines.put(None)
                return
            if line.endswith(b"}\n"):  # else it was killed while it printed
                self.events.append(json.loads(line))

    def kill(self):
        self.process.kill()
        self.finish()

    def stop(self):
        self.process.signal(signal.SIGINT)
        code = self.process.wait()
        self.finish()
        return code

    def finish(self):
        self.process.reader.join()
        self.drain()


class Crew:
    """All members that a test ever had."""

    def __init__(self, test):
        self.test, self.all, self.at_work = test, [], []

    def add(self, node):
        member = Member(self.test, f"m{len(self.all)}", node)
        self.all.append(member)
        self.at_work.append(member)
        return member

    def leave(self, member, how):
        self.at_work.remove(member)
        return how(member)

    def numbers(self):
        """How often each published number was printed."""
        for member in self.at_work:
            member.drain()
        return collections.Counter(event["value"]["n"] for member in self.all for event in member.events)

    def await_numbers(self, count, what):
        self.test.eventually(lambda: len(self.numbers()) >= count, f"{count} numbers {what}, last {len(self.numbers())}")

    def check_order(self):
        """Each member got each key's events in the log's order."""
        for member in self.all:
            last = {}
            for event in member.events:
                here = (event["node"], event["epoch"], event["key"])
                self.test.assertLess(last.get(here, -1), event["seq"], f"{member.name} got {place(event)} late")
                last[here] = event["seq"]


class GroupTest(WeftTest):
    def load(self, count, first=0):
        """Lines to publish: numbers over some keys."""
        return "".join(json.dumps({"n": n, "k": f"k{n % KEYS}"}) + "\n" for n in range(first, first + count))

    def publishing(self, node, count, rate):
        path = self.directory / f"load-{node.name}.jsonl"
        path.write_text(self.load(count))
        return self.process("publish", "t", "--data", node.data, "--key-field", "k", "--rate", rate, path)


class MembersTest(GroupTest):
    def test_members_are_killed_stopped_and_added_under_load_and_nothing_is_lost(self):
        seed = int(os.environ.get("WEFT_SEED", random.SystemRandom().randrange(2**32)))
        print(f"WEFT_SEED={seed}", flush=True)
        drawn = random.Random(seed)
        a = self.node("a")
        nodes = [a, self.joined(a, "b")]
        crew = Crew(self)
        for node in nodes * 2:
            crew.add(node)
        total, changes = 30_000, 15
        publisher = self.publishing(a, total, 4000)
        killed = 0
        for change in range(1, changes + 1):
            crew.await_numbers(change * total // (changes + 1), f"before change {change}")
            member = drawn.choice(crew.at_work)
            if drawn.random() < 0.6:
                killed += 1
                crew.leave(member, Member.kill)
            else:
                self.assertEqual(crew.leave(member, Member.stop), 0)
            crew.add(drawn.choice(nodes))
        self.assertEqual(publisher.wait(), 0, publisher.stderr())
        crew.await_numbers(total, "at all")
        for member in list(crew.at_work):
            crew.leave(member, Member.stop)
        crew.check_order()
        numbers = crew.numbers()
        repeats = sum(numbers.values()) - total
        print(f"pid {a.process.popen.pid}: {len(crew.all)} members, {killed} of them killed, {total} events, {repeats} repeated")
        self.assertEqual(set(numbers), set(range(total)))

    def test_it_goes_on_where_it_was_after_the_logs_node_was_killed(self):
        a = self.node("a")
        b = self.joined(a, "b")
        crew = Crew(self)
        for node in (a, b):
            crew.add(node)
        self.weft("publish", "t", "--data", a.data, "--key-field", "k", "--format", "jsonl", "-", stdin=self.load(5000))
        crew.await_numbers(5000, "before")
        a.kill()
        a = self.node("a", listen=a.address)
        self.weft("publish", "t", "--data", a.data, "--key-field", "k", "--format", "jsonl", "-", stdin=self.load(5000, first=5000))
        crew.await_numbers(10_000, "after")
        for member in list(crew.at_work):
            self.assertEqual(crew.leave(member, Member.stop), 0, member.process.stderr())
        self.assertEqual(set(crew.numbers()), set(range(10_000)))
        late = self.events(a, "t", *GROUP, "--idle", "1")
        self.assertEqual(late, [], "all was acknowledged")

    def test_it_needs_one_pattern_and_one_way_with_failures(self):
        a = self.node("a")
        crew = Crew(self)
        self.publish(a, "t", ["1"])
        first = crew.add(a)
        self.assertIsNotNone(first.process.line())
        code, _, errors = self.run_weft("subscribe", "t.>", *GROUP, "--data", a.data)
        self.assertEqual(code, 1)
        self.assertIn("the group g reads 't'", errors)
        code, _, errors = self.run_weft("subscribe", "t", *GROUP, "--on-failing", "skip", "--data", a.data)
        self.assertEqual(code, 1)
        self.assertIn("another way with failures", errors)
        self.assert_usage_error(["subscribe", "t", "--group", "G!", "--data", a.data], "--group")
        self.assert_usage_error(["subscribe", "t", *GROUP, "--name", "n", "--data", a.data], "--group", "--name")
        self.assert_usage_error(["subscribe", "t", "--group", "", "--data", a.data], "--group")
        self.assert_usage_error(["subscribe", "t", "--on-failing", "skip", "--data", a.data], "--on-failing")
        self.assert_usage_error(["subscribe", "t", *GROUP, "--where", "n > 5", "--data", a.data], "--where")


    def test_a_group_that_nobody_knows_is_told_with_those_that_there_are(self):
        a = self.node("a")
        for name in ("packers", "counters"):
            self.weft("groups", "create", name, "t", "--data", a.data)
        for command in (("dead-letters", "list"), ("groups", "parked"), ("groups", "delete"), ("groups", "describe")):
            code, out, errors = self.run_weft(*command, "packer", "--data", a.data)
            self.assertEqual((code, out), (1, b""))
            self.assertIn("packer: there are counters, packers", errors)
        self.assertIn(b"no dead letters", self.weft("dead-letters", "list", "packers", "--data", a.data))


    def test_a_group_that_is_in_use_at_one_log_is_deleted_at_none(self):
        a = self.node("a")
        b = self.joined(a, "b")
        self.publish(a, "t", ["x"])
        for node in (a, b):
            self.weft("groups", "create", "packers", "t", "--data", node.data)
        member = self.process("subscribe", "t", "--group", "packers", "--data", a.data)
        self.assertIsNotNone(member.line())
        code, out, errors = self.run_weft("groups", "delete", "packers", "--data", b.data)
        self.assertEqual((code, out), (1, b""))
        self.assertIn("packers is in use at the log of a: stop its members first, or say --force; nothing was deleted", errors)
        self.assertEqual(len(self.weft_json("groups", "--json", "--data", a.data)["groups"]), 2)
        self.weft("groups", "delete", "packers", "--force", "--data", a.data)
        self.assertEqual(self.weft_json("groups", "--json", "--data", a.data)["groups"], [])

    def test_a_group_can_not_be_sent_to_a_time_that_has_not_come(self):
        self.assert_usage_error(["groups", "seek", "packers", "2199-01-01T00:00:00Z", "--data", "nowhere"], "has not come yet")
        self.assert_usage_error(["cuts", "create", "monday", "--at", "1970-01-01T00:00:00Z", "--data", "nowhere"], "before 1970")


class MembersBehindRelaysTest(RelayTest, GroupTest):
    def test_the_relay_in_use_is_killed_under_load(self):
        relays = {"r1": self.relay("r1")}
        relays["r2"] = self.relay("r2", relays["r1"])
        a, c = self.member("a", self.east, relays["r1"]), self.member("c", self.west, relays["r1"])
        crew = Crew(self)
        here, there = crew.add(a), crew.add(c)
        total = 20_000
        publisher = self.publishing(a, total, 2000)
        for part in (1, 2):
            crew.await_numbers(part * total // 4, "over a relay")
            there.drain()
            before = len(there.events)
            flows = self.weft_json("flows", "--json", "--data", c.data)["flows"]
            used = next(node for flow in flows if flow["from"] == "a" for node in flow["path"] if node in relays)
            relays[used].kill()
            self.eventually(lambda: there.drain() or len(there.events) > before + 100, "the other relay is used")
            relays[used] = self.restarted(relays[used])
        self.assertEqual(publisher.wait(), 0, publisher.stderr())
        crew.await_numbers(total, "at all")
        for member in (here, there):
            self.assertEqual(crew.leave(member, Member.stop), 0, member.process.stderr())
        crew.check_order()
        self.assertEqual(set(crew.numbers()), set(range(total)))


if __name__ == "__main__":
    unittest.main()
