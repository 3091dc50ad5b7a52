"""`weft demo retail`: its balance, recomputed from what the nodes' logs hold."""
import decimal
import os
import pathlib
import re
import signal
import unittest

from weft_harness import WeftTest, place, test_data

BALANCE = re.compile(r"^(storefront-north|storefront-south|inventory|revenue) +([\d,]+) +([\d,-]+) +([\d,-]+) +(-?[\d.]+|-)$", re.MULTILINE)
STOREFRONTS = ("storefront-north", "storefront-south")
SERVICES = ("inventory", "revenue")


class DemoTest(WeftTest):
    def balance(self, *options):
        keep = self.directory / "demo"
        code, out, err = self.run_weft("demo", "retail", "--keep", keep, *options, timeout=240)
        self.assertEqual(code, 0, err)
        out = out.decode()
        self.assertIn("balance: true", out)
        self.assertIn("5 nodes know each other", err)
        rows = {name: [None if cell == "-" else decimal.Decimal(cell.replace(",", "")) for cell in cells]
                for name, *cells in BALANCE.findall(out)}
        self.assertEqual(set(rows), {*STOREFRONTS, *SERVICES}, out)
        return keep, rows

    def recomputed(self, keep, name):
        """Lines, quantity and money in pence, from a storefront's log; a line is a position."""
        node = self.node(name, data=keep / name)
        events = self.events(node, "retail.invoice-lines", "--from", "beginning", "--idle", 2, timeout=120)
        self.assertEqual(node.stop(), 0)
        self.assertEqual({event["node"] for event in events}, {name})
        self.assertEqual(len({place(event) for event in events}), len(events))
        values = [event["value"] for event in events]
        pence = sum(int(value["quantity"]) * decimal.Decimal(value["unit_price"]) * 100 for value in values)
        return len(values), sum(value["quantity"] for value in values), pence, values

    def check(self, keep, rows):
        """@returns all lines"""
        every, totals = [], [0, 0, 0]
        for name in STOREFRONTS:
            *figures, values = self.recomputed(keep, name)
            self.assertEqual([rows[name][0], rows[name][2], rows[name][3] * 100], figures, name)
            totals = [total + figure for total, figure in zip(totals, figures)]
            every += values
        for name in SERVICES:
            self.assertEqual(rows[name][:2], [totals[0], 0], name)
        self.assertEqual((rows["inventory"][2], rows["revenue"][3] * 100), tuple(totals[1:]))
        return every

    def invoices(self, keep):
        """Those of each storefront."""
        return [{value["invoice"] for value in self.recomputed(keep, name)[-1]} for name in STOREFRONTS]

    def test_made_up_lines_balance(self):
        keep, rows = self.balance("--seconds", 2)
        for name in STOREFRONTS:
            self.assertGreater(rows[name][0], 50)
        self.check(keep, rows)
        north, south = self.invoices(keep)
        self.assertFalse(north & south, "an invoice is one storefront's")

    def test_real_file_balances(self):
        path = test_data(self, "online_retail_2011-11_12.csv")
        keep, rows = self.balance("--csv", path, "--speed", 0)
        values = self.check(keep, rows)
        self.assertEqual(len(values), 110236)
        self.assertEqual(len(values) - len({tuple(value.values()) for value in values}), 1647)

    def test_a_directory_with_an_earlier_run_is_refused(self):
        (self.directory / "old/seed").mkdir(parents=True)
        self.assert_usage_error(["demo", "retail", "--keep", self.directory / "old"], "--keep")

    def test_a_file_that_is_no_retail_csv(self):
        wrong = self.directory / "wrong.csv"
        wrong.write_text("a,b\n1,2\n")
        code, out, err = self.run_weft("demo", "retail", "--csv", wrong, "--keep", self.directory / "demo")
        self.assertEqual((code, out), (1, b""))
        self.assertIn("storefront", err)
        self.assertIn("wrong.csv", (self.directory / "demo/storefront-north.stderr").read_text())

    def test_the_monitor_opens_beside_it_and_stays_until_it_is_closed(self):
        demo = self.process("demo", "retail", "--seconds", 2, "--monitor", "--keep", self.directory / "demo", extra={"QT_QPA_PLATFORM": "offscreen"})
        self.eventually(lambda: "close the monitor's window" in demo.stderr(), "the day is over", timeout=120)
        children = pathlib.Path(f"/proc/{demo.popen.pid}/task/{demo.popen.pid}/children").read_text().split()
        self.assertEqual([pathlib.Path(f"/proc/{child}/comm").read_text().strip() for child in children], ["weft-monitor"])
        os.kill(int(children[0]), signal.SIGTERM)  # as a window that is closed
        self.assertEqual(demo.wait(), 0)
        self.assertIn("balance: true", "\n".join(demo.rest()))

    def test_a_display_that_is_not_there_is_told_and_the_demo_goes_on(self):
        stale = {"DISPLAY": ":987"}
        demo = self.process("demo", "retail", "--seconds", 1, "--keep", self.directory / "demo", extra=stale)
        self.assertEqual(demo.wait(120), 0)
        self.assertRegex(demo.stderr(), "the monitor has no window: .*; it goes on without")
        wanted = self.process("demo", "retail", "--monitor", "--seconds", 1, "--keep", self.directory / "again", extra=stale)
        self.assertEqual(wanted.wait(120), 1)
        self.assertIn("the monitor has no window", wanted.stderr())

    def test_a_monitor_that_has_no_display_is_told_before_anything_starts(self):
        code, _, err = self.run_weft("demo", "retail", "--monitor", "--keep", self.directory / "demo")
        self.assertEqual((code, "there is no display here" in err), (1, True), err)
        self.assertEqual(list((self.directory / "demo").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
