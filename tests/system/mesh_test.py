"""A to B and C at once, over encrypted links: real data, live and again from the beginning."""
import csv
import json
import unittest

from weft_harness import WeftTest, place, test_data

RETAIL = "online_retail_2011-11_12.csv"


class MeshTest(WeftTest):
    def test_live_and_from_the_beginning_on_two_other_nodes(self):
        path = test_data(self, RETAIL)
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        a = self.node("a")
        others = [self.joined(a, name) for name in ("b", "c")]
        self.weft("topics", "create", "retail.lines", "--data", a.data)  # a flow needs a log that has the topic
        live = [self.process("subscribe", "retail.lines", "--data", other.data, "--count", len(rows)) for other in others]
        self.eventually(lambda: len(self.weft_json("flows", "--json", "--data", a.data)["flows"]) >= 2, "the flows to b and c")

        result = self.weft_json("publish", "retail.lines", "--data", a.data, "--key-field", "StockCode", "--json", path)
        self.assertEqual(result["published"], len(rows))
        for consumer in live:
            self.check(consumer.rest(timeout=120), rows)
            self.assertEqual(consumer.wait(), 0)
        again = [self.process("subscribe", "retail.lines", "--data", other.data, "--from", "beginning", "--count", len(rows)) for other in others]
        for consumer in again:
            self.check(consumer.rest(timeout=120), rows)
            self.assertEqual(consumer.wait(), 0)

    def check(self, lines, rows):
        """Complete, in order, each position once, fields equal to the rows."""
        events = [json.loads(line) for line in lines]
        self.assertEqual(len(events), len(rows))
        self.assertEqual([event["topic_offset"] for event in events], list(range(len(rows))))
        self.assertEqual({event["node"] for event in events}, {"a"})
        self.assertEqual(len({place(event) for event in events}), len(rows))
        for number, (event, row) in enumerate(zip(events, rows)):
            self.assertEqual(event["value"], row, f"row {number}")

    def test_an_invitation_works_once(self):
        a = self.node("a")
        invitation = self.directory / "b.invitation"
        invitation.write_bytes(self.weft("invite", "b", "--data", a.data))
        self.node("b", "--join", invitation)
        code, out, err = self.run_weft("node", "--name", "b", "--data", self.directory / "thief", "--join", invitation)
        self.assertEqual((code, out), (1, b""))
        self.assertTrue(err)

    def test_nodes_know_each_other(self):
        a = self.node("a")
        b = self.joined(a, "b")
        for node in (a, b):
            self.eventually(lambda: {n["name"]: n["state"] for n in self.weft_json("nodes", "--json", "--data", node.data)["nodes"]} ==
                            {"a": "alive", "b": "alive"}, f"{node.name} knows both")
        numbers = [n["number"] for n in self.weft_json("nodes", "--json", "--data", a.data)["nodes"]]
        self.assertEqual(len(set(numbers)), 2)

    def test_a_consumer_goes_on_when_the_publishing_node_returns(self):
        a = self.node("a")
        b = self.joined(a, "b")
        consumer = self.process("subscribe", "t", "--data", b.data, "--from", "beginning", "--count", 4)
        self.publish(a, "t", [1, 2])
        self.assertEqual([json.loads(consumer.line())["value"] for _ in range(2)], [1, 2])
        a.kill()
        a = self.node("a")
        self.publish(a, "t", [3, 4])
        self.assertEqual([json.loads(line)["value"] for line in consumer.rest()], [3, 4])


if __name__ == "__main__":
    unittest.main()
