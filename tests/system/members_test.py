"""Nodes of one mesh find each other through one seed and notice who is gone, with real processes."""
import signal
import unittest

from network import Network
from weft_harness import ANY_PORT, WeftTest


class Members(WeftTest):
    def states(self, node):
        return {row["name"]: row["state"] for row in self.weft_json("nodes", "--json", "--data", node.data)["nodes"]}

    def await_states(self, node, expected, what):
        self.eventually(lambda: self.states(node) == expected, f"{node.name} {what}: {expected}, last {self.states(node)}")

    def invitation(self, issuer, name):
        path = self.directory / f"{name}.invitation"
        path.write_bytes(self.weft("invite", name, "--data", issuer.data))
        return path


class SeedTest(Members):
    def test_twenty_nodes_that_start_at_once_find_each_other_through_one_seed(self):
        seed = self.node("a")
        names = [f"n{number}" for number in range(1, 20)]
        invitations = {name: self.invitation(seed, name) for name in names}
        started = [self.process("node", "--name", name, "--data", self.directory / name, "--listen", ANY_PORT, "--join", invitations[name])
                   for name in names]
        for process in started:
            self.assertTrue(process.line().startswith("ready "), process.stderr())
        everybody = {name: "alive" for name in ["a", *names]}
        for name in ("a", "n1", "n10", "n19"):
            known = self.directory / name
            self.eventually(lambda: {row["name"]: row["state"] for row in self.weft_json("nodes", "--json", "--data", known)["nodes"]} == everybody,
                            f"{name} knows all twenty")
        rows = self.weft_json("nodes", "--json", "--data", self.directory / "n10")["nodes"]
        self.assertLessEqual(sum(row["neighbor"] for row in rows), 5, "nobody is linked with everybody")

    def test_who_knew_others_finds_them_again_while_the_seed_is_down(self):
        a = self.node("a")
        b, c = self.joined(a, "b"), self.joined(a, "c")
        everybody = dict.fromkeys("abc", "alive")
        for node in (b, c):
            self.await_states(node, everybody, "knows all")
        for node in (a, b, c):
            self.assertEqual(node.stop(), 0)
        b, c = self.node("b"), self.node("c")
        consumer = self.process("subscribe", "t", "--data", c.data, "--from", "beginning", "--count", 1)
        self.publish(b, "t", [1])
        self.assertEqual(len(consumer.rest()), 1)
        a = self.node("a")
        for node in (a, b, c):
            self.await_states(node, everybody, "knows all again")

    def test_a_node_that_waits_for_its_seed_joins_when_that_comes(self):
        a = self.node("a")
        invitation = self.invitation(a, "b")
        b = self.node("b", "--join", invitation)
        self.assertEqual((a.stop(), b.stop()), (0, 0))
        b = self.node("b")  # nobody is there
        a = self.node("a")
        for node in (a, b):
            self.await_states(node, dict.fromkeys("ab", "alive"), "knows both")


class GoneTest(Members):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")
        self.b, self.c = self.joined(self.a, "b"), self.joined(self.a, "c")
        for node in (self.a, self.b, self.c):
            self.await_states(node, dict.fromkeys("abc", "alive"), "knows all")

    def test_one_that_is_killed_is_dead_for_all_and_alive_when_it_is_back(self):
        self.b.kill()
        for node in (self.a, self.c):
            self.await_states(node, {"a": "alive", "b": "dead", "c": "alive"}, "holds b dead")
        self.node("b")
        for node in (self.a, self.c):
            self.await_states(node, dict.fromkeys("abc", "alive"), "holds b alive")

    def test_one_that_leaves_is_left_for_all_at_once_and_ends_and_may_come_back(self):
        self.weft("leave", "--data", self.b.data)
        for node in (self.a, self.c):
            self.await_states(node, {"a": "alive", "b": "left", "c": "alive"}, "hears that b left")
        self.assertEqual(self.b.process.wait(), 0)
        self.node("b")
        for node in (self.a, self.c):
            self.await_states(node, dict.fromkeys("abc", "alive"), "holds b alive")

    def test_one_that_is_paused_is_suspected_and_not_dead(self):
        self.b.process.stand_still()
        for node in (self.a, self.c):
            self.await_states(node, {"a": "alive", "b": "suspect", "c": "alive"}, "suspects b")
        self.b.process.signal(signal.SIGCONT)
        for node in (self.a, self.b, self.c):
            self.await_states(node, dict.fromkeys("abc", "alive"), "holds b alive")
        for node in (self.a, self.c):
            self.assertNotIn("b is dead", node.process.stderr())


class PartitionTest(Members):
    def test_the_halves_of_a_parted_mesh_go_on_and_meet_again(self):
        network = Network(self)
        hosts = [network.host(name) for name in "ab"]
        cable = network.cable(*hosts)
        a = network.node(hosts[0], "a")
        b = network.node(hosts[1], "b", "--join", self.invitation(a, "b"))
        c = network.node(hosts[1], "c", "--join", self.invitation(a, "c"))
        for node in (a, b, c):
            self.await_states(node, dict.fromkeys("abc", "alive"), "knows all")
        consumer = self.process("subscribe", "t", "--data", a.data, "--from", "beginning", "--count", 2)
        self.publish(b, "t", ["before"])
        self.assertIn("before", consumer.line())

        cable.cut()
        self.await_states(a, {"a": "alive", "b": "dead", "c": "dead"}, "is alone")
        self.await_states(b, {"a": "dead", "b": "alive", "c": "alive"}, "has c")
        self.publish(b, "t", ["meanwhile"])

        cable.set()
        for node in (a, b, c):
            self.await_states(node, dict.fromkeys("abc", "alive"), "knows all again")
        self.assertIn("meanwhile", consumer.line())


if __name__ == "__main__":
    unittest.main()
