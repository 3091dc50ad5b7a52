"""What one node decides on a topic holds at all nodes of the mesh, with real processes."""
import json
import unittest

from weft_harness import WeftTest


class RecordsTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")
        self.b, self.c = self.joined(self.a, "b"), self.joined(self.a, "c")

    def described(self, node, topic):
        """None when the node knows no such topic."""
        code, out, err = self.run_weft("topics", "describe", topic, "--data", node.data, "--json")
        if code != 0:
            self.assertIn("there is no topic", err)
            return None
        return json.loads(out)

    def await_version(self, node, topic, version, author):
        def there():
            seen = self.described(node, topic)
            return seen is not None and seen["record"] is not None and seen["record"]["version"] == version
        self.eventually(there, f"{node.name} knows version {version} of {topic}")
        seen = self.described(node, topic)
        self.assertEqual(seen["record"]["author"], author)
        return seen

    def await_gone(self, node, topic):
        self.eventually(lambda: self.described(node, topic) is None, f"{topic} is gone at {node.name}")

    def test_a_topic_is_created_altered_and_deleted_at_any_node(self):
        self.weft("topics", "create", "orders", "--data", self.a.data, "--replicas", "2", "--codec", "lz4")
        for node in (self.b, self.c):
            seen = self.await_version(node, "orders", 1, "a")
            self.assertEqual((seen["settings"]["replicas"], seen["settings"]["codec"]), (2, "lz4"))
        text = self.weft("topics", "describe", "orders", "--data", self.b.data).decode()
        self.assertRegex(text, r"(?m)^version +1$")
        self.assertRegex(text, r"(?m)^author +a$")
        self.assertRegex(text, r"(?m)^replicas +2$")

        self.assertEqual(self.b.stop(), 0)
        self.b = self.node("b")
        self.assertEqual(self.described(self.b, "orders")["record"]["version"], 1, "it is known before anybody is met")
        self.weft("topics", "alter", "orders", "--data", self.b.data, "--replicas", "1", "--retention-time", "7d")
        for node in (self.a, self.c):
            seen = self.await_version(node, "orders", 2, "b")
            self.assertEqual((seen["settings"]["replicas"], seen["settings"]["retention_time"]), (1, 604800))

        self.publish(self.c, "orders", [1])
        self.assertEqual(self.described(self.c, "orders")["settings"]["replicas"], 1, "a publish makes it as the mesh has it")
        self.weft("topics", "delete", "orders", "--data", self.a.data)
        for node in (self.b, self.c):
            self.await_gone(node, "orders")
        listed = self.weft_json("topics", "--data", self.c.data, "--json")["topics"]
        self.assertEqual(listed, [])

    def test_what_was_decided_while_a_node_was_dead_reaches_it_and_a_newcomer(self):
        self.publish(self.c, "orders", [1])
        self.c.kill()
        self.weft("topics", "create", "orders", "--data", self.a.data, "--description", "of a")
        self.weft("topics", "create", "gone", "--data", self.a.data)
        self.weft("topics", "delete", "gone", "--data", self.a.data)
        self.c = self.node("c")
        d = self.joined(self.a, "d")
        for node in (self.c, d):
            self.assertEqual(self.await_version(node, "orders", 1, "a")["settings"]["description"], "of a")
            self.assertIsNone(self.described(node, "gone"))

    def test_replicas_out_of_range_are_refused_with_what_may_be_written(self):
        for wrong in ("8", "-1", "two"):
            code, _, err = self.run_weft("topics", "create", "orders", "--data", self.a.data, f"--replicas={wrong}")
            self.assertEqual(code, 2)
            self.assertIn("is not a number from 0 to 7", err)
        self.assertIsNone(self.described(self.a, "orders"))

    def test_a_publish_makes_a_topic_with_the_configured_replicas_known_to_all(self):
        config = self.directory / "d.toml"
        config.write_text("[topics]\nreplicas = 1\n")
        d = self.joined(self.a, "d", "--config", config)
        self.publish(d, "orders", [1])
        seen = self.await_version(self.b, "orders", 1, "d")
        self.assertEqual(seen["settings"]["replicas"], 1)
        self.assertTrue(seen["record"]["by_publish"])


if __name__ == "__main__":
    unittest.main()
