"""The checker of histories finds each planted fault, and nothing in right histories."""
import unittest

from copies import Copies, Entry
from history import History, Place


def at(seq, node="a", epoch="1-a", offset=None, topic="t"):
    return Place(node, epoch, seq, seq if offset is None else offset, topic)


class HistoryTest(unittest.TestCase):
    """Source p sent ten events to log a, which are at seqs 0 to 9; consumer c saw what a test lets it see."""

    def setUp(self):
        self.history = History()
        self.history.acknowledged("p", 0, 10, Place("a", "1-a", 0), "synced")
        self.consumer = self.history.consumer("c")

    def saw(self, *runs, consumer=None):
        for first, count, place in runs:
            (consumer or self.consumer).saw("p", first, count, place)

    def saw_all(self, consumer=None):
        self.saw((0, 10, at(0)), consumer=consumer)

    def found(self, *kinds):
        """Exactly these kinds of problems. @returns their cases"""
        report = self.history.report()
        self.assertEqual([kind for kind in report.KINDS if getattr(report, kind)], list(kinds), report.problems())
        self.assertEqual(report.good, not kinds)
        return [getattr(report, kind) for kind in kinds]

    # --- right histories

    def test_everything_once_and_in_order(self):
        self.saw((0, 4, at(0)), (4, 6, at(4)))
        self.found()
        self.assertEqual(self.history.report().line(), "acknowledged 10, seen by each 10, lost 0, invented 0, positions twice 0, epochs 1")

    def test_what_was_sent_and_not_acknowledged_may_be_missing_or_there(self):
        self.history.sent("p", 12)
        self.saw((0, 11, at(0)))
        self.found()

    def test_a_log_that_goes_on_in_its_next_epoch(self):
        self.history.acknowledged("p", 10, 5, Place("a", "2-b", 10), "synced")
        self.saw((0, 10, at(0)), (10, 5, at(10, epoch="2-b")))
        self.found()

    def test_logs_have_no_order_between_them(self):
        self.history.acknowledged("q", 0, 3, Place("b", "1-c", 0), "synced")
        self.saw((0, 5, at(0)))
        self.consumer.saw("q", 0, 3, at(0, "b", "1-c"))
        self.saw((5, 5, at(5)))
        self.found()

    def test_other_events_lie_between_those_of_a_topic(self):
        self.history.acknowledged("p", 10, 2, Place("a", "1-a", 15), "synced")
        self.saw((0, 10, at(0)), (10, 2, at(15, offset=10)))
        self.found()

    def test_a_consumer_of_other_sources(self):
        self.history.consumer("d", sources=["q"])
        self.saw_all()
        self.found()

    def test_an_acknowledgement_without_its_place(self):
        self.history.acknowledged("p", 10, 2, None, "synced")
        self.saw((0, 12, at(0)))
        self.found()

    def test_a_lost_disk_takes_what_was_there_alone(self):
        self.history.disk_lost("a")
        self.history.acknowledged("p", 10, 2, Place("a", "2-b", 10), "replicas=2")
        self.saw((0, 4, at(0)), (10, 2, at(10, epoch="2-b", offset=0)))
        self.found()

    def test_a_consumer_that_may_see_some_again(self):
        self.history.consumers.clear()
        named = self.history.consumer("n", repeats=True)
        self.saw((0, 6, at(0)), (3, 7, at(3)), consumer=named)
        self.found()

    # --- planted faults

    def test_an_acknowledged_event_that_nobody_saw(self):
        self.saw((0, 9, at(0)))
        self.assertEqual(self.found("lost"), [[("c", "p", 9, 1)]])

    def test_an_event_that_one_of_two_consumers_did_not_see(self):
        self.saw_all()
        self.saw((0, 9, at(0)), consumer=self.history.consumer("d"))
        self.assertEqual(self.found("lost"), [[("d", "p", 9, 1)]])

    def test_a_consumer_that_saw_nothing(self):
        self.assertEqual(self.found("lost"), [[("c", "p", 0, 10)]])

    def test_an_event_at_two_copies_that_a_lost_disk_took(self):
        self.saw_all()
        self.history.disk_lost("a")
        self.history.acknowledged("p", 10, 2, Place("a", "1-a", 10), "replicas=2")
        self.assertEqual(self.found("lost"), [[("c", "p", 10, 2)]])

    def test_an_event_that_was_never_sent(self):
        self.saw((0, 11, at(0)))
        self.assertEqual(self.found("invented"), [[("c", "p", 10)]])

    def test_an_event_of_a_source_that_there_is_not(self):
        self.saw_all()
        self.consumer.saw("q", 7, 1, at(10))
        self.assertEqual(self.found("invented"), [[("c", "q", 7)]])

    def test_a_value_that_was_changed(self):
        self.saw((0, 9, at(0)))
        self.consumer.odd.append((at(9), "p.9.x"))
        self.found("lost", "invented")

    def test_an_event_that_is_not_where_it_was_acknowledged(self):
        self.saw((0, 9, at(0)), (9, 1, at(12, offset=9)))
        self.assertEqual(self.found("events_twice"), [[("p", 9, ("a", "1-a", 9), ("a", "1-a", 12))]])

    def test_an_event_that_two_consumers_see_in_two_places(self):
        self.history.sent("p", 11)
        self.saw((0, 11, at(0)))
        self.saw((0, 10, at(0)), (10, 1, at(10, epoch="2-b")), consumer=self.history.consumer("d"))
        self.assertEqual(self.found("events_twice"), [[("p", 10, ("a", "1-a", 10), ("a", "2-b", 10))]])

    def test_an_event_that_is_twice_in_the_log(self):
        self.saw((0, 10, at(0)), (9, 1, at(10)))
        self.found("events_twice", "repeated")

    def test_a_position_that_two_consumers_see_with_two_events(self):
        self.history.sent("p", 12)
        self.saw((0, 11, at(0)))
        self.saw((0, 10, at(0)), (11, 1, at(10)), consumer=self.history.consumer("d"))
        self.assertEqual(self.found("positions_twice"), [[("a", "1-a", 10)]])

    def test_a_position_that_was_acknowledged_for_two_events(self):
        self.history.acknowledged("q", 0, 1, Place("a", "1-a", 4), "written")
        self.saw_all()
        self.found("lost", "positions_twice")

    def test_an_event_that_comes_again(self):
        self.saw((0, 10, at(0)), (9, 1, at(9)))
        self.assertEqual(self.found("repeated", "out_of_order", "skipped")[0], [("c", "p", 9)])

    def test_events_that_come_in_another_order(self):
        self.saw((0, 4, at(0)), (6, 4, at(6)), (4, 2, at(4)))
        self.found("out_of_order", "skipped")

    def test_a_source_that_is_in_another_order_in_the_log(self):
        self.history.sent("p", 12)
        self.saw((0, 10, at(0)), (11, 1, at(10)), (10, 1, at(11)))
        self.found("out_of_order")

    def test_an_epoch_that_falls(self):
        self.history.sent("p", 11)
        self.saw((0, 10, at(0)), (10, 1, at(10, epoch="0-z")))
        self.found("out_of_order")

    def test_epochs_are_ordered_by_their_number_and_not_as_text(self):
        self.history.sent("p", 12)
        self.saw((0, 10, at(0)), (10, 1, at(10, epoch="9-z")), (11, 1, at(11, epoch="10-a")))
        self.found()

    def test_an_event_that_was_passed_over_though_not_acknowledged(self):
        self.history.sent("p", 12)
        self.saw((0, 10, at(0)), (11, 1, at(11)))
        self.assertEqual(self.found("skipped"), [[("c", "a", "t", 9, 11)]])

    def test_a_topic_whose_beginning_was_passed_over(self):
        self.history.sources.clear()
        self.history.sent("p", 10)
        self.saw((1, 9, at(1)))
        self.assertEqual(self.found("skipped"), [[("c", "a", "t", -1, 1)]])

    def test_a_range_that_the_mesh_could_not_give(self):
        self.saw_all()
        self.consumer.gaps.append(("a", "1-a", 10, 12))
        self.found("gaps")


class EventsTest(unittest.TestCase):
    def test_objects_of_the_command_line(self):
        history = History()
        history.sent("p.1", 2)
        consumer = history.consumer("c")
        consumer.saw_events({"topic": "t", "node": "a", "epoch": "1-a", "seq": i, "topic_offset": i, "value": f"p.1.{i}"} for i in range(2))
        self.assertEqual((consumer.events, len(consumer.runs["a"])), (2, 1))
        self.assertTrue(history.report().good, history.report().problems())
        consumer.saw_events([{"topic": "t", "node": "a", "epoch": "1-a", "seq": 2, "topic_offset": 2, "value": 7}])
        self.assertTrue(history.report().invented)


class CopiesTest(unittest.TestCase):
    """Node a acknowledged ten events at two copies; b and c hold its log."""

    def setUp(self):
        self.history = History()
        self.history.acknowledged("p", 0, 10, Place("a", "1-a", 0), "replicas=2")
        self.copies = Copies()

    def entries(self, *seqs, digest=b"same", epoch="1-a"):
        return [Entry("log", epoch, seq, 5, digest) for seq in seqs]

    def lacking(self):
        self.assertEqual(self.copies.diverged, [])
        return [case[-1] for case in self.copies.lacking(self.history, {"a": "log"})]

    def test_all_have_the_same(self):
        for node in "abc":
            self.copies.add(node, self.entries(0, 5))
        self.assertEqual(self.lacking(), [])
        self.assertEqual(self.copies.holders("log", "1-a", 7), ["a", "b", "c"])

    def test_a_copy_that_lacks_an_entry(self):
        for node, seqs in (("a", (0, 5)), ("b", (0, 5)), ("c", (0,))):
            self.copies.add(node, self.entries(*seqs))
        self.assertEqual(self.lacking(), [["a", "b"]])

    def test_an_entry_that_all_copies_lack(self):
        self.copies.add("a", self.entries(0, 5))
        self.assertEqual(self.lacking(), [["a"]])

    def test_an_owner_that_lacks_what_it_acknowledged(self):
        for node in "bc":
            self.copies.add(node, self.entries(0, 5))
        self.assertEqual(self.lacking(), [["b", "c"]])
        self.history.disk_lost("a")
        self.assertEqual(self.lacking(), [])

    def test_an_entry_of_another_epoch_is_another(self):
        for node in "abc":
            self.copies.add(node, self.entries(0, 5, epoch="2-b"))
        self.assertEqual(self.lacking(), [[]])

    def test_other_bytes_at_one_position(self):
        self.copies.add("a", self.entries(0, 5))
        self.copies.add("b", self.entries(0, digest=b"other"))
        self.assertEqual([case[:2] for case in self.copies.diverged], [("b", "a")])

    def test_one_node_acknowledges_without_copies(self):
        self.history.sources.clear()
        self.history.acknowledged("p", 0, 10, Place("a", "1-a", 0), "synced")
        self.assertEqual(self.lacking(), [])


if __name__ == "__main__":
    unittest.main()
