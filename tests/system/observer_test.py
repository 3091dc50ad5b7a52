"""A node with an observer's certificate: it reads and asks, and nobody takes anything from it."""
import unittest

from weft_harness import WeftTest


class ObserverTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")
        invitation = self.directory / "screen.invitation"
        invitation.write_bytes(self.weft("invite", "screen", "--roles", "observer", "--data", self.a.data))
        self.publish(self.a, "orders", range(5))
        self.weft("groups", "create", "packers", "orders", "--data", self.a.data)
        self.screen = self.node("screen", "--join", invitation)

    def refused(self, *words, stdin=None):
        code, _, err = self.run_weft(*words, "--data", self.screen.data, stdin=stdin)
        self.assertNotEqual(code, 0, f"weft {' '.join(map(str, words))} was done at an observer")
        return err

    def test_it_reads_and_asks(self):
        self.assertEqual([event["value"] for event in self.events(self.screen, "orders", "--from", "beginning", "--count", 5)], list(range(5)))
        frame = self.events(self.screen, "_weft.telemetry", "--from", "beginning", "--count", 1)[0]
        self.assertIn(frame["node"], ("a", "screen"))
        asked = lambda: [row for row in self.weft_json("lag", "--json", "--data", self.screen.data)["lag"] if row["name"] == "packers"]
        self.assertEqual(self.eventually(asked, "the lag at a")[0]["events"], 5)
        roles = lambda node: {row["name"]: row["roles"] for row in self.weft_json("nodes", "--json", "--data", node.data)["nodes"]}.get("screen")
        self.assertEqual(roles(self.screen), "observer")
        self.eventually(lambda: roles(self.a) == "observer", "a knows what it is")

    def test_it_publishes_and_changes_nothing(self):
        denied = "observer's certificate"
        self.assertIn(denied, self.refused("publish", "orders", stdin="7\n"))
        self.assertIn(denied, self.refused("topics", "create", "mine", "--replicas", 1))
        self.assertIn(denied, self.refused("groups", "create", "mine", "orders"))
        self.refused("groups", "seek", "packers", "--to", "beginning")
        self.refused("cut", "create", "now")
        self.assertEqual(self.weft_json("topics", "--json", "--data", self.a.data)["topics"][0]["end"], 5)

    def test_it_has_no_place_that_is_kept_and_no_share_of_a_group(self):
        for words in (("--name", "mine"), ("--group", "packers")):
            err = self.refused("subscribe", "orders", *words, "--from", "beginning", "--count", 1)
            self.assertIn("an observer has no place that is kept", err)
        self.assertEqual(self.weft_json("groups", "describe", "packers", "--json", "--data", self.a.data)["members"], 0)

    def test_a_cut_does_not_wait_for_it(self):
        self.eventually(lambda: "screen" in self.weft("nodes", "--data", self.a.data).decode(), "a knows it")
        code, _, err = self.run_weft("cuts", "create", "now", "--data", self.a.data)
        self.assertEqual((code, "screen" in err), (0, False), err)
        made = self.weft_json("cuts", "describe", "now", "--json", "--data", self.a.data)
        self.assertEqual((made["state"], made["absent"]), ("made", []))

    def test_its_role_goes_with_no_other(self):
        code, _, err = self.run_weft("invite", "x", "--roles", "observer,admin", "--data", self.a.data)
        self.assertNotEqual(code, 0)
        self.assertIn("goes with no other", err)


if __name__ == "__main__":
    unittest.main()
