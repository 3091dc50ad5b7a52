"""`weft demo retail`: its balance, recomputed from what the nodes' logs hold."""
import decimal
import re
import unittest

from weft_harness import WeftTest, place, test_data

BALANCE = re.compile(r"^(storefront|inventory|revenue) +([\d,]+) +([\d,-]+) +([\d,-]+) +(-?[\d.]+|-)$", re.MULTILINE)


class DemoTest(WeftTest):
    def balance(self, *options):
        keep = self.directory / "demo"
        out = self.weft("demo", "retail", "--keep", keep, *options, timeout=240).decode()
        self.assertIn("balance: true", out)
        rows = {name: [None if cell == "-" else decimal.Decimal(cell.replace(",", "")) for cell in cells]
                for name, *cells in BALANCE.findall(out)}
        self.assertEqual(set(rows), {"storefront", "inventory", "revenue"}, out)
        return keep, rows

    def recomputed(self, keep):
        """Lines, quantity and money in pence, from the storefront's log; a line is a position."""
        node = self.node("storefront", data=keep / "storefront")
        events = self.events(node, "retail.invoice-lines", "--from", "beginning", "--idle", 2, timeout=120)
        self.assertEqual(len({place(event) for event in events}), len(events))
        values = [event["value"] for event in events]
        pence = sum(int(value["quantity"]) * decimal.Decimal(value["unit_price"]) * 100 for value in values)
        return len(values), sum(value["quantity"] for value in values), pence, values

    def check(self, keep, rows):
        lines, quantity, pence, values = self.recomputed(keep)
        for name in rows:
            self.assertEqual(rows[name][0], lines, name)
        self.assertEqual((rows["inventory"][1], rows["revenue"][1]), (0, 0))
        self.assertEqual((rows["storefront"][2], rows["inventory"][2]), (quantity, quantity))
        self.assertEqual((rows["storefront"][3] * 100, rows["revenue"][3] * 100), (pence, pence))
        return values

    def test_made_up_lines_balance(self):
        keep, rows = self.balance("--seconds", 2)
        self.assertGreater(rows["storefront"][0], 100)
        self.check(keep, rows)

    def test_real_file_balances(self):
        path = test_data(self, "online_retail_2011-11_12.csv")
        keep, rows = self.balance("--csv", path, "--speed", 0)
        self.assertEqual(rows["storefront"][0], 110236)
        values = self.check(keep, rows)
        self.assertEqual(len(values) - len({tuple(value.values()) for value in values}), 1647)

    def test_a_directory_with_an_earlier_run_is_refused(self):
        (self.directory / "old/storefront").mkdir(parents=True)
        self.assert_usage_error(["demo", "retail", "--keep", self.directory / "old"], "--keep")

    def test_a_file_that_is_no_retail_csv(self):
        wrong = self.directory / "wrong.csv"
        wrong.write_text("a,b\n1,2\n")
        code, out, err = self.run_weft("demo", "retail", "--csv", wrong, "--keep", self.directory / "demo")
        self.assertEqual((code, out), (1, b""))
        self.assertIn("storefront", err)
        self.assertIn("wrong.csv", (self.directory / "demo/storefront.stderr").read_text())


if __name__ == "__main__":
    unittest.main()
