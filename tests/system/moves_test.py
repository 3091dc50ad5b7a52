"""A service whose state moves: it is lost with its machine, and a standby elsewhere goes on as if nothing had been."""
import contextlib
import json
import shutil
import signal
import sqlite3

import unittest

from counting_mesh import EVENTS, CountingMeshTest
from weft_harness import position


class MovesTest(CountingMeshTest):
    """The service is at b, the standby at c."""

    def outputs(self):
        """Each once, as a reader has them that drops what comes again; and how many came again."""
        once, again = {}, 0
        for one in self.events(self.a, "shop.out", "--from", "beginning", "--idle", "3"):
            origin = one["headers"]["weft-caused-by"], one["headers"]["weft-origin"]
            if origin in once:
                again += 1
                self.assertEqual(one["value"], once[origin]["value"], "what comes again is the same")
            once.setdefault(origin, one)
        return list(once.values()), again

    def published_at_b(self):
        """What its node knows: how many events each topic has."""
        topics = self.weft_json("topics", "list", "--json", "--data", self.b.data)["topics"]
        return {topic["name"]: topic["end"] for topic in topics}

    def assert_as_if_nothing_had_been(self, service, state):
        """@param service  that has the state now: it is stopped"""
        self.eventually(lambda: self.lag() == 0, "all inputs are finished")
        inputs = self.events(self.a, "shop.in", "--from", "beginning", "--count", len(self.inputs))
        due = {position(one) for one in inputs if one["value"]["n"] % 10 == 0}
        self.eventually(lambda: self.causes_of_late() == due, "all timers came")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.wait(), 0, service.stderr())
        outputs, again = self.outputs()
        self.assertEqual(sorted(one["headers"]["weft-caused-by"] for one in outputs), sorted(map(position, inputs)))
        counts = {}
        for one in sorted(outputs, key=lambda one: one["value"]["count"]):
            value = one["value"]
            self.assertEqual(value["count"], counts.get(value["k"], 0) + 1, value)
            counts[value["k"]] = value["count"]
        with contextlib.closing(sqlite3.connect(self.directory / state / "state.db")) as db:
            for table, of in (("totals", self.inputs), ("late", [one for one in self.inputs if one["n"] % 10 == 0])):
                wanted = {}
                for one in of:
                    count, total = wanted.get(one["k"], (0, 0))
                    wanted[one["k"]] = count + 1, total + one["n"]
                rows = db.execute("SELECT key, value FROM state WHERE tab = ?", (table,)).fetchall()
                kept = {key.decode(): json.loads(value) for key, value in rows}
                self.assertEqual({k: (total["count"], total["sum"]) for k, total in kept.items()}, wanted, table)
            self.assertEqual(db.execute("SELECT count(*) FROM timers").fetchone(), (0,))
        return again

    def test_a_standby_goes_on_when_the_service_is_lost_with_its_disk_and_its_node(self):
        self.publish_inputs(EVENTS // 3)
        first = self.counting(self.b, "first")
        standby = self.counting(self.c, "second", "standby")
        for _ in range(2):
            first.line()
        self.publish_inputs(EVENTS // 3)
        self.eventually(lambda: self.lag() < len(self.inputs) - 1000, "some are finished, so that copies have them")
        first.kill()
        self.b.kill()
        shutil.rmtree(self.directory / "first")
        shutil.rmtree(self.b.data)
        self.publish_inputs(EVENTS // 3)
        again = self.assert_as_if_nothing_had_been(standby, "second")
        print(f"{len(self.inputs)} inputs, {again} outputs came again")
        self.assertGreater(self.described()["begun"], 1)

    def test_one_that_comes_long_after_the_service_was_lost_has_its_state(self):
        first = self.counting(self.b, "first")
        self.publish_inputs(EVENTS // 3)
        first.line()
        self.assertTrue(self.described()["held"])
        first.kill()
        self.eventually(lambda: not self.described()["held"], "its home knows that nobody has the state")
        self.assertEqual(self.described()["members"], 0)
        shutil.rmtree(self.directory / "first")
        second = self.counting(self.c, "second")
        self.publish_inputs(EVENTS // 3)
        self.assert_as_if_nothing_had_been(second, "second")

    def test_one_that_was_paused_publishes_nothing_when_another_has_gone_on(self):
        first = self.counting(self.b, "first")
        standby = self.counting(self.c, "second", "standby")
        self.publish_inputs(EVENTS // 3)
        for _ in range(self.drawn.randrange(1, 6)):
            first.line()
        first.stand_still()
        self.publish_inputs(EVENTS // 3)
        self.eventually(lambda: self.described().get("begun", 0) > 1, "the standby has begun")
        published = self.published_at_b()
        first.signal(signal.SIGCONT)
        self.assertNotEqual(first.wait(), 0)
        self.assertEqual(self.published_at_b(), published, "it has more to publish, and does not")
        self.assertRegex(first.stderr(), "was taken over|is at work at")
        again = self.assert_as_if_nothing_had_been(standby, "second")
        print(f"{len(self.inputs)} inputs, {again} outputs came again")


if __name__ == "__main__":
    unittest.main()
