"""What the monitor shows is so: every figure of overview, topics and groups against what the nodes' logs and cursors say; and what goes
wrong in a mesh is seen, and seen again when the window is wound back.

WEFT_SEEN_WITHIN_S fails what is seen later than so many seconds after it happened; without it, it is printed."""
import math
import os
import time
import unittest

from history import History
from relay_test import RelayTest
from screen import STATES, Screen, number
from traffic import Consumer, Publisher, drain
from weft_harness import WeftTest
from zones_test import SitesTest

RATE = 200  # events/s
SEEN_WITHIN_S = float(os.environ.get("WEFT_SEEN_WITHIN_S", "inf"))
WARNED_OF_AFTER_S = 10  # of lag; README of the monitor

# What stands on a page and says nothing of the mesh.
BUTTONS = {page: {("other", name): None for name in names} for page, names in {
    "topics": ("Filter topics", "Change settings of the chosen topic", "Create a topic", "Create an alert for the chosen row"),
    "groups": ("Filter groups", "Show only groups that are not well", "Move the chosen group (Ctrl+Shift+R)", "Dead letters and parked keys of it (R)",
               "Create an alert for the chosen row")}.items()}


class FiguresTest(WeftTest):
    """a and b publish, programs at c consume; the group `packers` stands still, and `counters` keeps up."""

    def setUp(self):
        super().setUp()
        self.a = self.node("a")
        self.b, self.c = self.joined(self.a, "b"), self.joined(self.a, "c")
        self.publish(self.a, "orders", range(400))
        self.publish(self.b, "orders", range(200))
        self.publish(self.b, "stock", range(100))
        for node in (self.a, self.b):
            self.weft("groups", "create", "packers", "orders", "--from", "beginning", "--data", node.data)
        self.counters = self.process("subscribe", "stock", "--group", "counters", "--from", "beginning", "--data", self.c.data)
        for _ in range(100):
            self.counters.line()
        self.history = History()
        self.programs = [Publisher(self, self.history, self.a.data, "clicks", "p", rate=RATE), Consumer(self, self.history, self.c.data, "clicks", "c")]
        self.screen = Screen(self, self.c.data)
        self.shown_until(lambda page: page.tiles["Nodes"]["value"] == "3 / 3" and len(page.tables["Worst lag"].rows) == 3, "overview")

    def shown_until(self, holds, page, row=""):
        """The page, as soon as `holds` says so of it."""
        def look():
            drain(self.programs)
            shown = self.screen.page(page, row)
            return shown if holds(shown) else None
        return self.eventually(look, f"{page} shows it")

    def node_of(self, name):
        return {"a": self.a, "b": self.b, "c": self.c}[name]

    def learn(self):
        """What logs and cursors say, asked at their nodes."""
        asked = lambda what, node, *words: self.weft_json(what, *words, "--json", "--data", node.data)
        self.topics = {(row["name"], node.name): row for node in (self.a, self.b, self.c) for row in asked("topics", node)["topics"]}
        self.lag = {(row["name"], row["log"], row["topic"]): row for row in asked("lag", self.c)["lag"]}
        self.groups = {(row["name"], row["log"]): row for row in asked("groups", self.c, "list")["groups"]}

    def close(self, shown, truth, part=0.06, least=0.0):
        """Figures are rounded to three digits, and time goes on between two looks."""
        self.assertTrue(math.isclose(number(shown), truth, rel_tol=part, abs_tol=least), f"{shown} is shown, it is {truth}")

    def test_rates_are_those_of_the_programs(self):
        near = lambda text: "/s" in text and abs(number(text) - RATE) < RATE * 0.15
        is_rate = lambda events_per_s: abs(events_per_s - RATE) < RATE * 0.3
        flow = lambda page: next((edge["events_per_s"] for edge in page.pictures["Topology"]["edges"] if (edge["from"], edge["to"]) == ("a", "c")), 0)
        overview = self.shown_until(lambda page: near(page.tiles["Published"]["value"]) and near(page.tiles["Delivered"]["value"]) and is_rate(flow(page)) and
                                    is_rate(page.pictures["Topology"]["nodes"]["a"]["published_per_s"]), "overview")
        flows = {(edge["from"], edge["to"]): edge["events_per_s"] for edge in overview.pictures["Topology"]["edges"]}
        self.assertLess(flows["a", "b"], RATE * 0.1)
        self.shown_until(lambda page: "a 1" in page.charts["Published by node"] or "a 2" in page.charts["Published by node"], "overview")
        topics = self.shown_until(lambda page: near(page.tables["Topics and their logs"].rows["clicks",]["Published"]), "topics", "clicks")
        self.assertEqual(topics.tables["Topics and their logs"].rows["orders",]["Published"], "0 /s")

    def test_every_figure_is_what_logs_and_cursors_say(self):
        self.programs[0].process.signal(15)
        self.programs[0].wait()
        self.learn()
        is_late = lambda row: number(row["Behind"]) > WARNED_OF_AFTER_S and row["Drains in"] == "never"
        overview = self.shown_until(lambda page: page.tiles["Published"]["value"] == page.tiles["Delivered"]["value"] == "0 /s" and
                                    all(is_late(row) for key, row in page.tables["Worst lag"].rows.items() if key[0] == "packers"), "overview")
        counted = self.topics["clicks", "a"]["events"]
        topics = self.shown_until(lambda page: number(page.tables["Topics and their logs"].rows["clicks", "a"]["Events"]) == counted and
                                  page.tables["Topics and their logs"].rows["clicks",]["Published"] == "0 /s", "topics", "orders")
        groups = self.screen.page("groups", "packers")
        self.learn()
        self.check(topics, {("cell", "Topics and their logs"): self.topic_cell, ("cell", "Groups that read the topic"): self.lag_cell,
                            ("chart", "Published in the topic"): lambda text: self.close(text.split()[-1], 0, least=0.1),
                            ("chart", "Latency of the topic"): lambda text: None, **BUTTONS["topics"]})
        self.check(overview, {("tile", "Published"): lambda tile: self.close(tile["value"], 0), ("tile", "Delivered"): lambda tile: self.close(tile["value"], 0),
                              ("tile", "Worst lag"): self.worst_lag, ("tile", "Latency p99"): self.latency,
                              ("tile", "Nodes"): lambda tile: self.assertEqual((tile["value"], tile["note"]), ("3 / 3", "all healthy")),
                              ("tile", "Redelivered"): lambda tile: self.assertEqual(tile["value"], "0 /min"),
                              ("chart", "Published by node"): lambda text: None, ("chart", "Latency by topic"): lambda text: None,
                              ("chart", "Lag by group"): self.lag_chart, ("cell", "Worst lag"): self.lag_cell,
                              ("picture", "Topology"): lambda picture: self.assertEqual(set(picture["nodes"]), {"a", "b", "c"})})
        self.check(groups, {("cell", "Groups"): self.group_cell, ("cell", "Lag of the chosen group"): self.lag_cell, ("chart", "Lag of the chosen group"): lambda text: None,
                            **BUTTONS["groups"]})

    def check(self, page, known):
        """Every figure of the page has somebody who says whether it is true."""
        names = {name[:2] for name in page.names()}
        self.assertEqual(names - set(known), set(), f"{page.id} shows what this test does not know")
        self.assertEqual(set(known) - names, set(), f"{page.id} does not show them")
        for (kind, name), is_true in known.items():
            shown = {"tile": page.tiles, "chart": page.charts, "picture": page.pictures}.get(kind, {}).get(name)
            with self.subTest(page=page.id, kind=kind, name=name):
                if kind == "cell":
                    self.assertTrue(page.tables[name].rows, "a table without rows shows nothing to check")
                    for key, cells in page.tables[name].rows.items():
                        for title, text in cells.items():
                            with self.subTest(row=key, column=title):
                                is_true(key, title, text)
                elif is_true:
                    is_true(shown)

    def topic_cell(self, key, title, text):
        logs = [row for (topic, log), row in self.topics.items() if topic == key[0] and (len(key) == 1 or log == key[1])]
        self.assertTrue(logs, "no log has such a topic")
        total = lambda field: sum(row[field] for row in logs)
        one = len(key) == 2  # the topic's part in one log
        {"state shape": lambda: self.assertEqual(text, "healthy"),
         "Topic": lambda: self.assertEqual(text, key[-1]),
         "State": lambda: self.assertEqual(text, "" if one else "healthy"),
         "Logs": lambda: self.assertEqual(text, "" if one else str(len(logs))),
         "Published": lambda: self.assertEqual(text, "0 /s"),
         "Events": lambda: self.assertEqual(number(text), total("events")),
         "Size": lambda: self.close(text, total("bytes")),
         "Start": lambda: self.assertEqual(text, str(total("start")) if one else ""),
         "End": lambda: self.assertEqual(text and number(text), total("end") if one else ""),
         "Copies": lambda: self.assertEqual(text, "0 of 0" if one else "")}[title]()

    def lag_cell(self, key, title, text):
        lag, end = self.lag[key], self.topics[key[2], key[1]]["end"]
        {"state shape": lambda: self.assertEqual(text, "healthy" if lag["events"] == 0 else STATES[2]),
         "Group": lambda: self.assertEqual(text, key[0]),
         "Log of": lambda: self.assertEqual(text, key[1]),
         "Topic": lambda: self.assertEqual(text, key[2]),
         "End": lambda: self.assertEqual(number(text), end),
         "Processed": lambda: self.assertEqual(number(text), end - lag["events"]),
         "Lag": lambda: self.assertEqual(number(text), lag["events"]),
         "Behind": lambda: self.close(text, lag["seconds"], least=5),
         "Drains in": lambda: self.assertEqual(text, "now" if lag["events"] == 0 else "never"),
         "Last 60 s": lambda: self.assertGreater(text, 0)}[title]()  # a sparkline's points

    def group_cell(self, key, title, text):
        logs = [row for (group, _), row in self.groups.items() if group == key[0]]
        lag = [row for (group, _, _), row in self.lag.items() if group == key[0]]
        events, behind = sum(row["events"] for row in lag), max(row["seconds"] for row in lag)
        {"state shape": lambda: self.assertEqual(text, "healthy" if events == 0 else STATES[2]),
         "Group": lambda: self.assertEqual(text, key[0]),
         "Kind": lambda: self.assertEqual(text, "group"),
         "Pattern": lambda: self.assertEqual(text, logs[0]["pattern"]),
         "State": lambda: self.assertRegex(text, "^healthy$" if events == 0 else "^(nobody processes what waits|.* behind in orders of [ab])$"),
         "Members": lambda: self.assertEqual(number(text), max(row["members"] for row in logs)),
         "Logs": lambda: self.assertEqual(number(text), len(logs)),
         "Lag": lambda: self.assertEqual(number(text), events),
         "Behind": lambda: self.close(text, behind, least=5),
         "Repeated": lambda: self.assertEqual(number(text), sum(row["repeated"] for row in logs)),
         "Parked keys": lambda: self.assertEqual(number(text), 0)}[title]()

    def worst_lag(self, tile):
        group, _, _ = max(self.lag, key=lambda key: self.lag[key]["seconds"])
        self.assertEqual(tile["note"].split(" ")[0], group)
        self.close(tile["value"], max(row["seconds"] for row in self.lag.values()), least=5)

    def latency(self, tile):
        self.assertRegex(tile["note"], "^(publishes|deliveries), 1 min$")
        self.assertGreater(number(tile["value"]), 0)
        self.assertLess(number(tile["value"]), 60)

    def lag_chart(self, text):
        lines = dict(line.rsplit(" ", 1) for line in text.split(", "))
        self.assertEqual(set(lines), {"packers", "counters"})
        self.close(lines["packers"], self.lag["packers", "b", "orders"]["seconds"], least=5)
        self.assertEqual(number(lines["counters"]), 0)


class Watch:
    """Waits for a window to show what happened, and winds it back."""

    def __init__(self, test, node):
        self.test, self.screen = test, Screen(test, node.data)

    def sees(self, what, holds, page="topology"):
        """@param holds  of the page: whether it is seen on it"""
        began = time.monotonic()
        shown = self.test.eventually(lambda: (page_now := self.screen.page(page)) and holds(page_now) and page_now, what)
        took = time.monotonic() - began
        print(f"{what}: seen after {took:.1f} s", flush=True)
        self.test.assertLessEqual(took, SEEN_WITHIN_S, what)
        return shown

    def saw(self, what, at_us, holds, page="topology"):
        """The same when the window is wound back to then."""
        self.screen.at(at_us)
        self.test.assertTrue(holds(self.screen.page(page)), f"{what}: not shown at {at_us}")
        self.screen.live()


class SeenTest(RelayTest):
    """a in the east, c with the window in the west, and the relay r between them."""

    def setUp(self):
        super().setUp()
        self.r = self.relay("r")
        self.a, self.c = self.member("a", self.east, self.r), self.member("c", self.west, self.r)
        self.watch = Watch(self, self.c)
        self.well = self.eventually(lambda: (page := self.watch.screen.page("topology")).nodes() == dict.fromkeys("arc", "healthy") and page, "all are well")

    def test_a_killed_node_is_seen_and_seen_again(self):
        self.a.kill()
        is_seen = lambda page: page.nodes().get("a") in STATES[1:]
        seen = self.watch.sees("a killed node", is_seen)
        self.assertEqual(seen.nodes()["c"], "healthy")
        self.watch.saw("a killed node", seen.at_us, is_seen)
        self.watch.saw("all are well", self.well.at_us, lambda page: page.nodes() == dict.fromkeys("arc", "healthy"))

    def test_the_death_of_a_relay_is_seen_and_seen_again(self):
        self.r.kill()
        is_seen = lambda page: page.nodes().get("r") in STATES[1:]
        seen = self.watch.sees("the death of a relay", is_seen)
        self.watch.saw("the death of a relay", seen.at_us, is_seen)
        self.watch.saw("all are well", self.well.at_us, lambda page: page.nodes() == dict.fromkeys("arc", "healthy"))

    def test_a_lag_that_grows_is_seen_and_seen_again(self):
        self.weft("groups", "create", "packers", "t", "--from", "beginning", "--data", self.a.data)
        self.watch.sees("a new group", lambda page: ("packers",) in page.tables["Groups"].rows, "groups")
        before = self.watch.screen.page("groups")
        self.publisher(self.a, rate=100)
        lag = lambda page: number(page.tables["Groups"].rows.get(("packers",), {"Lag": "0"})["Lag"])
        seen = self.watch.sees("a lag that grows", lambda page: lag(page) > 0, "groups")
        more = self.watch.sees("it has grown", lambda page: lag(page) > lag(seen), "groups")
        self.watch.saw("a lag that grows", more.at_us, lambda page: lag(page) >= lag(more), "groups")
        self.watch.saw("none yet", before.at_us, lambda page: lag(page) == 0, "groups")


class CutLinkTest(SitesTest):
    def test_a_cut_link_is_seen_and_seen_again(self):
        self.member("a", "east"), self.member("b", "west")
        self.await_members()
        self.watch = Watch(self, self.nodes[1])
        self.well = self.eventually(lambda: (page := self.watch.screen.page("topology")).nodes() == dict.fromkeys("ab", "healthy") and page, "all are well")
        self.cable.cut()
        is_seen = lambda page: any(state in STATES[1:] for state in page.nodes().values())
        self.watch.saw("all are well", self.well.at_us, lambda page: not is_seen(page))
        seen = self.watch.sees("a cut link", is_seen)
        self.watch.saw("a cut link", seen.at_us, is_seen)


if __name__ == "__main__":
    unittest.main()
