"""The checker of histories finds deliberate faults, and only those."""
import unittest

from history import History


def event(value, seq, epoch="1-a", offset=None, node="a"):
    return {"topic": "t", "node": node, "epoch": epoch, "seq": seq, "topic_offset": seq if offset is None else offset, "value": value}


class HistoryTest(unittest.TestCase):
    def history(self, sent, acknowledged, found):
        history = History()
        for value in sent:
            history.send(value)
        for value in acknowledged:
            history.acknowledge(value)
        history.find(found)
        return history.report()

    def test_a_right_history_is_good(self):
        report = self.history([1, 2, 3], [1, 3], [event(1, 0), event(2, 1), event(3, 2, "2-b")])
        self.assertTrue(report.good, report.problems())
        self.assertEqual(report.line(), "acknowledged 2, found 3, lost 0, invented 0, positions twice 0, epochs 2")

    def test_what_was_sent_and_not_acknowledged_may_be_missing(self):
        self.assertTrue(self.history([1, 2], [1], [event(1, 0)]).good)

    def test_a_lost_event(self):
        report = self.history([1, 2], [1, 2], [event(1, 0)])
        self.assertEqual(report.lost, [2])
        self.assertFalse(report.good)

    def test_an_invented_event(self):
        report = self.history([1], [1], [event(1, 0), event(9, 1)])
        self.assertEqual(report.invented, [9])
        self.assertFalse(report.good)

    def test_an_event_twice(self):
        report = self.history([1], [1], [event(1, 0), event(1, 1)])
        self.assertEqual(report.values_twice, [1])
        self.assertFalse(report.good)

    def test_a_position_twice(self):
        report = self.history([1, 2], [1, 2], [event(1, 0), event(2, 0)])
        self.assertEqual(report.positions_twice, [("a", "1-a", 0)])
        self.assertFalse(report.good)

    def test_one_seq_in_two_epochs_is_two_positions(self):
        self.assertEqual(self.history([1, 2], [], [event(1, 0), event(2, 0, "2-b", 1)]).positions_twice, [])

    def test_values_in_another_order(self):
        report = self.history([1, 2], [1, 2], [event(2, 0), event(1, 1)])
        self.assertEqual(len(report.out_of_order), 1)
        self.assertFalse(report.good)

    def test_positions_that_fall(self):
        report = self.history([1, 2], [1, 2], [event(1, 5, offset=0), event(2, 4, offset=1)])
        self.assertEqual(len(report.out_of_order), 1)

    def test_an_epoch_that_falls(self):
        report = self.history([1, 2], [1, 2], [event(1, 5, "10-a", 0), event(2, 6, "9-b", 1)])
        self.assertEqual(len(report.out_of_order), 1)

    def test_logs_have_no_order_between_them(self):
        report = self.history([1, 2], [1, 2], [event(2, 0, node="b"), event(1, 0, node="a")])
        self.assertTrue(report.good, report.problems())

    def test_a_hole_in_the_topic_offsets(self):
        report = self.history([1, 2], [1, 2], [event(1, 0), event(2, 2)])
        self.assertEqual(report.holes, [("a", "t", 0, 2)])
        self.assertFalse(report.good)

    def test_a_value_sent_twice_is_refused(self):
        history = History()
        history.send(1)
        with self.assertRaises(ValueError):
            history.send(1)


if __name__ == "__main__":
    unittest.main()
