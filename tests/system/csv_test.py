"""Real data in and out of one node: every field of every row."""
import csv
import json
import unittest

from weft_harness import WeftTest, place, test_data

RETAIL = "online_retail_2011-11_12.csv"
SHIPMENTS = "scms_delivery_history.csv"  # begins with a byte order mark, has line ends in quoted fields


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


class CsvTest(WeftTest):
    def in_and_out(self, path, key):
        rows = rows_of(path)
        node = self.node("a")
        result = self.weft_json("publish", "data", "--data", node.data, "--key-field", key, "--json", path)
        self.assertEqual(result["published"], len(rows))
        found = self.events(node, "data", "--from", "beginning", "--count", len(rows))
        self.assertEqual(len(found), len(rows))
        for number, (event, row) in enumerate(zip(found, rows)):
            self.assertEqual(event["value"], row, f"row {number}")
            self.assertEqual(event["key"], row[key] or None, f"row {number}")
            self.assertEqual(event["topic_offset"], number)
        self.assertEqual(len({place(event) for event in found}), len(rows))
        self.assertEqual((result["first"].rsplit("/", 1)[1], result["last"].rsplit("/", 1)[1]),
                         (str(found[0]["seq"]), str(found[-1]["seq"])))
        self.assertEqual(node.stop(), 0)
        self.assertEqual(json.loads(self.weft("verify", node.data, "--json"))["damage"], [])

    def test_retail(self):
        self.in_and_out(test_data(self, RETAIL), "StockCode")

    def test_shipments(self):
        self.in_and_out(test_data(self, SHIPMENTS), "ID")


if __name__ == "__main__":
    unittest.main()
