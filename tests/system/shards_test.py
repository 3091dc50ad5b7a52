"""A service whose state is in shards, in several processes: they come, leave and are lost, and all is as if it were one."""
import collections
import shutil
import signal

import unittest

from counting_mesh import EVENTS, CountingMeshTest
from weft_harness import position

SHARDS = 4


class ShardsTest(CountingMeshTest):
    def process_at(self, node, state):
        return self.counting(node, state, SHARDS)

    def stop(self, service):
        service.signal(signal.SIGTERM)
        self.assertEqual(service.wait(), 0, service.stderr())

    def shards(self, node=None):
        """Who has which, as the home says."""
        return {row["shard"]: row["member"] for row in self.described(node)["shards"] if row["state"] == "at work"}

    def await_all_at_work(self, but=frozenset(), node=None):
        """@returns which members have them; none of `but`"""
        def settled():
            has = self.shards(node)
            return len(has) == SHARDS and not set(has.values()) & but
        self.eventually(settled, "all shards are at work")
        return set(self.shards(node).values())

    def assert_as_if_it_were_one(self):
        """A reader that drops what comes again has each input once, and the totals of each key in order."""
        once, again = {}, 0
        for one in self.events(self.a, "shop.out", "--from", "beginning", "--idle", "3"):
            cause = one["headers"]["weft-caused-by"]
            if cause in once:
                again += 1
                self.assertEqual(one["value"], once[cause]["value"], "what comes again is the same")
            once.setdefault(cause, one)
        self.assertEqual(len(once), len(self.inputs))
        wanted, got = collections.defaultdict(lambda: [0, 0]), {}
        for one in self.inputs:
            wanted[one["k"]][0] += 1
            wanted[one["k"]][1] += one["n"]
        for one in sorted(once.values(), key=lambda one: one["value"]["count"]):
            value = one["value"]
            self.assertEqual(value["count"], got.get(value["k"], (0, 0))[0] + 1, value)
            got[value["k"]] = value["count"], value["sum"]
        self.assertEqual(got, {k: tuple(total) for k, total in wanted.items()})
        return again

    def await_done(self):
        self.eventually(lambda: self.lag() == 0, "all inputs are finished")
        late = [one for one in self.inputs if one["n"] % 10 == 0]
        inputs = self.events(self.a, "shop.in", "--from", "beginning", "--count", len(self.inputs))
        due = {position(one) for one in inputs if one["value"]["n"] % 10 == 0}
        self.eventually(lambda: self.causes_of_late() == due, "all timers came")
        again = self.assert_as_if_it_were_one()
        self.assert_as_if_it_were_one_of_late(due)
        print(f"{len(self.inputs)} inputs, {len(late)} timers, {again} outputs came again", flush=True)

    def assert_as_if_it_were_one_of_late(self, due):
        last = {}
        for one in self.events(self.a, "shop.late", "--from", "beginning", "--idle", "3"):
            last[one["value"]["k"]] = max(last.get(one["value"]["k"], 0), one["value"]["count"])
        self.assertEqual(sum(last.values()), len(due))

    def await_share(self, of_first, count=SHARDS // 2, node=None):
        """@returns which members others have so many shards by than those of the first process"""
        def others():
            return set(self.shards(node).values()) - of_first
        self.eventually(lambda: len(self.shards(node)) == SHARDS and len(others()) == count, f"others have {count} shards")
        return others()

    def two_processes(self):
        """@returns both, and by which members each has its shards"""
        first = self.process_at(self.b, "first")
        self.publish_inputs(EVENTS // 4)
        first.line()
        of_first = self.await_all_at_work()
        second = self.process_at(self.c, "second")
        self.publish_inputs(EVENTS // 4)
        of_second = self.await_share(of_first)
        for _ in range(self.drawn.randrange(1, 4)):
            second.line()
        return first, second, of_first, of_second

    def test_processes_come_leave_and_are_lost(self):
        first, second, of_first, of_second = self.two_processes()
        second.kill()
        shutil.rmtree(self.directory / "second")
        self.publish_inputs(EVENTS // 4)
        self.await_all_at_work(but=of_second)
        third = self.process_at(self.c, "third")
        self.await_share(of_first)
        self.stop(first)
        self.publish_inputs(EVENTS - len(self.inputs))
        self.await_all_at_work(but=of_first)
        self.await_done()
        self.stop(third)

    def test_one_that_was_paused_gives_up_what_others_have_and_takes_part_again(self):
        first, second, of_first, of_second = self.two_processes()
        second.stand_still()
        self.publish_inputs(EVENTS // 4)
        self.await_all_at_work(but=of_second)
        second.signal(signal.SIGCONT)
        self.publish_inputs(EVENTS // 4)
        self.await_share(of_first)
        self.await_done()
        self.stop(first)
        self.stop(second)

    def test_its_home_moves(self):
        first, second, of_first, _ = self.two_processes()
        self.weft("groups", "move", "counting", "b", "--data", self.a.data)
        self.publish_inputs(EVENTS // 4)
        self.await_share(of_first, node=self.b)
        self.assertEqual(self.shards(), {}, "the old one has nothing to say any more")
        self.stop(second)
        second = self.process_at(self.c, "second")  # it names a, which sends it on
        self.publish_inputs(EVENTS // 4)
        self.await_share(of_first, node=self.b)
        self.await_done()
        self.stop(first)
        self.stop(second)


if __name__ == "__main__":
    unittest.main()
