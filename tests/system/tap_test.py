"""Somebody who listens between two nodes finds nothing of what they say; the same search finds everything when encryption is off."""
import json
import unittest

from known_values import LARGE, Said, found_in, secrets_of, word
from tcp_tap import Tap
from weft_harness import ANY_PORT, BINARY_DIR, Node, WeftTest

PLAIN_NODE = BINARY_DIR / "bin/tests/plain_node"


class TapTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.tap = Tap()
        self.addCleanup(self.tap.close)
        self.names = {"a": f"a{word()}", "b": f"b{word()}"}

    def start_a(self):
        """Behind the tap: its port is kept, and others are told the tap's."""
        node = self.node(self.names["a"])
        self.tap.forward_to(node.address)
        self.assertEqual(node.stop(), 0)
        return self.node(self.names["a"], "--advertise", self.tap.address)

    def exchange(self, a, b):
        """Each publishes what the other consumes. @returns what was said: at a, at b"""
        said = Said(), Said()
        for here, there, what in (a, b, said[0]), (b, a, said[1]):
            consumer = self.process("subscribe", what.topic, "--data", there.data, "--from", "beginning", "--count", len(what.rows))
            self.weft("publish", what.topic, "--data", here.data, "--format", "jsonl", "--key-field", "id", "--type", what.type, stdin=what.lines())
            self.assertEqual([json.loads(line)["value"] for line in consumer.rest()], what.rows)
        return said

    def test_nothing_is_found_and_everything_is_without_encryption(self):
        a = self.start_a()
        invitation = self.directory / "b.invitation"
        invitation.write_bytes(self.weft("invite", self.names["b"], "--data", a.data))
        b = self.node(self.names["b"], "--join", invitation, listen="")  # nobody dials it, around the tap
        said_a, said_b = self.exchange(a, b)
        names = {f"name of {which}": name.encode() for which, name in self.names.items()}
        for way in "asked", "answered":
            recorded = self.tap.seen(way)
            self.assertGreater(len(recorded), LARGE)  # it did pass here
            self.assertEqual(found_in(recorded, said_a.known() | said_b.known() | names | secrets_of(invitation)), set())

        # The control: the same nodes, the same search.
        self.assertEqual([a.stop(), b.stop()], [0, 0])
        before = {way: len(self.tap.seen(way)) for way in ("asked", "answered")}
        a = self.plain(self.names["a"], a.data, ANY_PORT, self.tap.address)
        b = self.plain(self.names["b"], b.data, "")
        said_a, said_b = self.exchange(a, b)
        asked, answered = (self.tap.seen(way)[before[way]:] for way in ("asked", "answered"))
        self.assertEqual(found_in(answered, said_a.known()), set(said_a.known()))
        self.assertEqual(found_in(asked, said_b.known()), set(said_b.known()))
        self.assertEqual(found_in(asked, names) | found_in(answered, names), set(names))

    def plain(self, *words):
        node = Node.__new__(Node)
        node.test, node.name, node.data = self, words[0], words[1]
        node.process = self.process(*words, program=PLAIN_NODE)
        self.assertTrue((node.process.line() or "").startswith("ready "), node.process.stderr())
        return node

    def test_nobody_can_turn_encryption_off(self):
        config = self.directory / "plain.toml"
        for line in ("encrypt = false", "[links]\nencrypt = false"):
            config.write_text(line + "\n")
            code, _, err = self.run_weft("node", "--name", "a", "--data", self.directory / "a", "--config", config)
            self.assertEqual(code, 1)
            self.assertIn("encrypt", err)
        self.assert_usage_error(["node", "--name", "a", "--data", self.directory / "a", "--encrypt", "false"], "--encrypt")


if __name__ == "__main__":
    unittest.main()
