"""Routes move to a better path that appears, and back to the worse one when it goes, while events pass."""
import unittest

from relay_test import ANYWHERE, RelayTest


class BetterPathTest(RelayTest):
    """a - r1 ~ 20 ms ~ r2 - c, and later a - r3 - c."""

    def path(self, node):
        """Over which nodes a's log comes, as the flow has it."""
        flows = self.weft_json("flows", "--json", "--data", node.data)["flows"]
        return [flow["path"] for flow in flows if flow["from"] == "a"]

    def await_path(self, node, *names):
        self.drained(lambda: self.path(node) == [list(names)], f"the path {names}, last {self.path(node)}")

    def joined_far_away(self, issuer):
        """c meets the issuer on a segment that both leave then."""
        host = self.network.host("c", self.west, self.meeting)
        c = self.start(host, "c", issuer, "--advertise", f"tcp://{host.addresses[0]}:0", listen=ANYWHERE)
        linked = lambda: "r2" in {row["name"] for row in self.weft_json("links", "--json", "--data", c.data)["links"]}
        self.eventually(linked, "c is linked with r2")
        host.ip("link", "set", f"seg{self.meeting.number}", "down")
        return c

    def advertised(self, addresses):
        return [word for address in addresses for word in ("--advertise", f"tcp://{address}:0")]

    def test_two_relays_in_a_row_carry_until_one_relay_does_and_again_without_it(self):
        self.meeting = self.network.segment("meeting")
        first, second = self.network.host("r1", self.east, self.meeting), self.network.host("r2", self.west)
        self.network.cable(first, second, delay_ms=10)
        r1 = self.start(first, "r1", None, *self.advertised(first.addresses), listen=ANYWHERE)
        self.start(second, "r2", r1, *self.advertised(second.addresses), listen=ANYWHERE)
        a = self.member("a", self.east, r1)
        c = self.joined_far_away(r1)
        publisher, consumer = self.publisher(a, rate=500), self.consumer(c)
        self.await_events([consumer], 500, "over two relays")
        self.await_path(c, "a", "r1", "r2", "c")

        r3 = self.relay("r3", r1)
        self.await_path(c, "a", "r3", "c")
        self.await_events([consumer], publisher.acknowledged + 500, "over one")
        r3.kill()
        self.await_events([consumer], publisher.acknowledged + 500, "over two again")
        self.await_path(c, "a", "r1", "r2", "c")
        self.restarted(r3)
        self.await_path(c, "a", "r3", "c")
        self.finish([publisher], [consumer])


if __name__ == "__main__":
    unittest.main()
