"""Retention until consumed: a topic as a work queue. What its groups are done with goes, nothing else does, over kills."""
import signal
import unittest

from retention import LINE, MIB, RetentionTest

CONFIG = """
[log]
segment_bytes = "4MiB"
"""


class ConsumedTest(RetentionTest):
    config = CONFIG

    def disk_bytes(self, node):
        return sum(path.stat().st_size for path in (node.data / "log").rglob("*.seg"))

    def work(self, node, group, is_enough, *options):
        """The numbers that a member of the group handles, at least until they are enough, and what it is told."""
        member = self.process("subscribe", "jobs", "--group", group, "--data", node.data, "--from", "beginning", "--format", "value", *options)
        numbers = []
        while not is_enough(numbers):
            numbers.append(int(member.line().split()[0]))
        member.signal(signal.SIGINT)
        numbers += [int(line.split()[0]) for line in member.rest()]
        self.assertEqual(member.wait(), 0, member.stderr())
        return numbers, member.stderr()

    def start_above(self, node, above, what):
        self.eventually(lambda: self.topic(node, "jobs")["start"] > above, what)
        return self.topic(node, "jobs")["start"]

    def test_a_work_queue_shrinks_as_it_is_consumed_and_loses_nothing_over_kills(self):
        a = self.start()
        described = self.weft_json("topics", "create", "jobs", "--retention-until", "consumed", "--data", a.data, "--json")
        self.assertEqual(described["settings"]["retention_until"], "consumed")
        self.weft("topics", "create", "free", "--retention-bytes", "64KiB", "--data", a.data)
        jobs = self.fill(a, "jobs", 24)
        free = self.fill(a, "free", 12)
        self.eventually(lambda: self.topic(a, "free")["start"] > 0, "retention has looked")
        self.assertEqual(self.topic(a, "jobs")["start"], 0, "nobody consumes it: it stays")

        done, err = self.work(a, "packers", lambda numbers: len(numbers) == jobs // 2, "--count", jobs // 2)
        self.assertEqual(err, "")
        start = self.start_above(a, 0, "what is consumed goes")
        a.kill()
        a = self.start(listen=a.address)
        self.assertLessEqual(start, jobs // 2, "what is not consumed stays")
        self.assertEqual(self.topic(a, "jobs")["settings"]["retention_until"], "consumed")

        self.fill(a, "free", 12, first=free)
        jobs += self.fill(a, "jobs", 4, first=jobs)
        before = self.disk_bytes(a)
        left = set(range(jobs)) - set(done)
        rest, err = self.work(a, "packers", lambda numbers: left <= set(numbers))
        self.assertEqual(err, "")
        self.assertEqual(set(done + rest), set(range(jobs)), "each job was handled, over the kill")
        self.start_above(a, jobs - 4 * MIB // LINE - 1, "the segments that are consumed go")
        self.eventually(lambda: self.disk_bytes(a) < before - 8 * MIB, "the disk has the room again")

        a.kill()
        a = self.start(listen=a.address)
        consumed = jobs
        jobs += self.fill(a, "jobs", 12, first=jobs)
        late, err = self.work(a, "auditors", lambda numbers: numbers and set(range(min(numbers), jobs)) <= set(numbers))
        self.assertEqual(err, "", "what went before there was a group is no gap for it")
        self.assertEqual(sorted(late), list(range(min(late), jobs)), "without keys they have no order")
        self.assertLessEqual(min(late), consumed, "packers has not had what came since")
        self.fill(a, "free", 8)
        self.assertLessEqual(self.topic(a, "jobs")["start"], consumed)

    def test_the_setting_is_taken_back(self):
        a = self.start()
        self.weft("topics", "create", "jobs", "--retention-until", "consumed", "--data", a.data)
        described = self.weft_json("topics", "alter", "jobs", "--retention-until", "none", "--data", a.data, "--json")
        self.assertIsNone(described["settings"]["retention_until"])
        self.assert_usage_error(("topics", "alter", "jobs", "--retention-until", "tomorrow", "--data", a.data), "--retention-until")


if __name__ == "__main__":
    unittest.main()
