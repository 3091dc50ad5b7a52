"""Somebody who listens between two nodes finds nothing of what they say; the same search finds everything when encryption is off."""
import base64
import json
import secrets
import unittest

from tcp_tap import Tap
from weft_harness import ANY_PORT, BINARY_DIR, Node, WeftTest

PLAIN_NODE = BINARY_DIR / "bin/tests/plain_node"
LARGE = 200_000  # bytes of a value: more than one piece on the way


def word():
    return secrets.token_hex(12)


class Said:
    """What is published at one node and consumed at the other."""

    def __init__(self):
        self.topic = f"t{word()}.orders"
        self.rows = [{"id": word(), "text": word()} for _ in range(20)] + [{"id": word(), "text": secrets.token_hex(LARGE // 2)}]
        self.type = f"Type{word()}"

    def known(self):
        """Name -> bytes that would give it away."""
        found = {"topic": self.topic, "type": self.type}
        for number, row in enumerate(self.rows):
            found[f"key {number}"] = row["id"]
            found[f"value {number}"] = row["text"][:4000]
        return {name: value.encode() for name, value in found.items()}


def found_in(recorded, known):
    return {name for name, value in known.items() if value in recorded}


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
            lines = "".join(json.dumps(row) + "\n" for row in what.rows)
            consumer = self.process("subscribe", what.topic, "--data", there.data, "--from", "beginning", "--count", len(what.rows))
            self.weft("publish", what.topic, "--data", here.data, "--format", "jsonl", "--key-field", "id", "--type", what.type, stdin=lines)
            self.assertEqual([json.loads(line)["value"] for line in consumer.rest()], what.rows)
        return said

    def test_nothing_is_found_and_everything_is_without_encryption(self):
        a = self.start_a()
        invitation = self.directory / "b.invitation"
        invitation.write_bytes(self.weft("invite", self.names["b"], "--data", a.data))
        b = self.node(self.names["b"], "--join", invitation)
        said_a, said_b = self.exchange(a, b)
        names = {f"name of {which}": name.encode() for which, name in self.names.items()}
        for way in "asked", "answered":
            recorded = self.tap.seen(way)
            self.assertGreater(len(recorded), LARGE)  # it did pass here
            self.assertEqual(found_in(recorded, said_a.known() | said_b.known() | names | self.secrets_of(invitation)), set())

        # The control: the same nodes, the same search.
        self.assertEqual([a.stop(), b.stop()], [0, 0])
        before = {way: len(self.tap.seen(way)) for way in ("asked", "answered")}
        a = self.plain(self.names["a"], a.data, ANY_PORT, self.tap.address)
        b = self.plain(self.names["b"], b.data, ANY_PORT)
        said_a, said_b = self.exchange(a, b)
        asked, answered = (self.tap.seen(way)[before[way]:] for way in ("asked", "answered"))
        self.assertEqual(found_in(answered, said_a.known()), set(said_a.known()))
        self.assertEqual(found_in(asked, said_b.known()), set(said_b.known()))
        self.assertEqual(found_in(asked, names) | found_in(answered, names), set(names))

    def secrets_of(self, invitation):
        """Pieces of what the newcomer has to prove, as text and as bytes."""
        body = "".join(line for line in invitation.read_text().split("\n\n", 1)[1].splitlines() if not line.startswith("-----"))
        text = {f"invitation {at}": body[at:at + 16].encode() for at in range(0, len(body) - 16, 16)}
        whole = base64.b64decode(body)
        return text | {f"invitation byte {at}": whole[at:at + 12] for at in range(0, len(whole) - 12)}

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
