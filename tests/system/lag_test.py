"""Lag, groups and dead letters of all logs, asked at any node: through a relay, of nodes that stand still or are dead, and by who may change what."""
import signal
import unittest

from relay_test import RelayTest

EVENTS = {"a": 5, "r": 3, "c": 2}  # published at each node


class MeshLagTest(RelayTest):
    """a in the east, c in the west, and the relay r, which founded the mesh, between them."""

    def setUp(self):
        super().setUp()
        self.r = self.relay("r")
        self.a, self.c = self.member("a", self.east, self.r), self.member("c", self.west, self.r)
        for name, node in self.nodes.items():
            self.weft("groups", "create", "packers", "t", "--data", node.data)
            self.publish(node, "t", range(EVENTS[name]))
        self.eventually(lambda: self.states_at(self.c) == dict.fromkeys(EVENTS, "alive"), "c knows all")

    def states_at(self, node):
        return {row["name"]: row["state"] for row in self.weft_json("nodes", "--json", "--data", node.data)["nodes"]}

    def asked(self, *words, at):
        return self.weft_json(*words, "--json", "--data", at.data)

    def lag(self, at, *words):
        """Events behind, by log."""
        return {row["log"]: row["events"] for row in self.asked("lag", *words, at=at)["lag"]}

    def nodes_asked(self, at):
        return {row["node"]: row for row in self.asked("lag", at=at)["nodes"]}

    def test_every_node_knows_all_logs(self):
        for node in self.nodes.values():
            self.assertEqual(self.lag(node), EVENTS, node.name)
            self.assertEqual(self.lag(node, "--local"), {node.name: EVENTS[node.name]})
        groups = self.asked("groups", "list", at=self.c)["groups"]
        self.assertEqual([(row["name"], row["log"]) for row in groups], [("packers", log) for log in sorted(EVENTS)])
        described = self.asked("groups", "describe", "packers", at=self.c)
        self.assertEqual({row["log"] for row in described["logs"]}, set(EVENTS))
        self.assertEqual({row["log"] for row in described["leases"]}, set(EVENTS))
        self.assertIn(b"no dead letters", self.weft("dead-letters", "list", "packers", "--data", self.c.data))
        self.assertIn(b"has parked nothing", self.weft("groups", "parked", "packers", "--data", self.c.data))

    def test_a_node_that_stands_still_is_named_with_what_was_known_of_it(self):
        self.assertEqual(self.lag(self.c), EVENTS)
        self.a.process.stand_still()
        document = self.asked("lag", at=self.c)
        rows = {row["log"]: row for row in document["lag"]}
        nodes = {row["node"]: row for row in document["nodes"]}
        self.assertEqual({log: row["events"] for log, row in rows.items()}, EVENTS)
        self.assertEqual([nodes[name]["state"] for name in ("a", "r", "c")], ["unknown", "answered", "answered"])
        self.assertEqual([name for name, row in rows.items() if row["unknown_since_us"]], ["a"])
        self.assertEqual(rows["a"]["unknown_since_us"], nodes["a"]["unknown_since_us"])
        text = self.weft("lag", "--data", self.c.data).decode()
        self.assertIn("UNKNOWN SINCE", text)
        self.assertIn("NOT ASKED", text)
        self.a.process.signal(signal.SIGCONT)
        self.eventually(lambda: self.nodes_asked(self.c)["a"]["state"] == "answered", "a answers again")

    def test_a_dead_node_is_named_though_nothing_was_known_of_it(self):
        self.a.kill()
        self.eventually(lambda: self.states_at(self.c)["a"] == "dead", "c knows that a is dead")
        self.assertEqual(self.lag(self.c), {name: EVENTS[name] for name in ("c", "r")})
        row = self.nodes_asked(self.c)["a"]
        self.assertEqual((row["state"], row["why"]), ("unknown", "it is dead"))
        self.assertGreater(row["unknown_since_us"], 0)
        code, out, err = self.run_weft("groups", "seek", "packers", "end", "--data", self.r.data)
        self.assertEqual(code, 1)
        self.assertIn("weft groups seek: log of a: it is dead", err)
        self.assertEqual(len(out.splitlines()), 2)

    def test_changes_reach_all_logs_from_a_node_with_the_role_admin(self):
        self.assertEqual(len(self.weft("groups", "seek", "packers", "end", "--data", self.r.data).splitlines()), 3)
        self.assertEqual(self.lag(self.c), dict.fromkeys(EVENTS, 0))
        first = next(row for row in self.asked("groups", "list", at=self.c)["groups"] if row["log"] == "a")["position"]
        node, epoch, _ = first.split("/")
        self.weft("groups", "seek", "packers", f"{node}/{epoch}/0", "--data", self.r.data)
        self.assertEqual(self.lag(self.c), {"a": 5, "r": 0, "c": 0}, "the log of the position alone")
        code, _, err = self.run_weft("groups", "seek", "packers", "nobody/1-9f2c/0", "--data", self.r.data)
        self.assertEqual(code, 1)
        self.assertIn("no node of this mesh has the name nobody", err)
        self.assertEqual(len(self.weft("groups", "delete", "packers", "--data", self.r.data).splitlines()), 3)
        code, _, err = self.run_weft("groups", "describe", "packers", "--data", self.c.data)
        self.assertEqual(code, 1)
        self.assertIn("nor do 2 other logs know it", err)

    def test_a_node_without_the_role_changes_its_own_log_and_is_told_so(self):
        code, out, err = self.run_weft("groups", "seek", "packers", "end", "--data", self.c.data)
        self.assertEqual(code, 1)
        self.assertEqual(len(out.splitlines()), 1)
        for log in ("a", "r"):
            self.assertIn(f"weft groups seek: log of {log}: c has not the role admin", err)
        self.assertEqual(self.lag(self.r), {"a": 5, "r": 3, "c": 0})
        self.weft("groups", "seek", "packers", "beginning", "--local", "--data", self.c.data)
        self.assertEqual(self.lag(self.r), EVENTS)


if __name__ == "__main__":
    unittest.main()
