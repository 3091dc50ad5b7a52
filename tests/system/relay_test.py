"""Events that pass a relay: between segments that nothing else joins, while relays are killed, and once for all who are behind one."""
import time
import unittest

from history import History
from network import Network
from traffic import Consumer, Publisher, drain
from weft_harness import WeftTest

ANYWHERE = "tcp://0.0.0.0:0"
EVENTS, EVENT_BYTES = 3000, 8000  # of what is counted on a link: so large that little else passes
# At once: 2.4 MB, which fits a relay's buffer of 4 MiB. Whoever this machine delays beyond that gets a flow of its own, rightly.
EVENTS_AT_ONCE = 300


class RelayTest(WeftTest):
    """Segments east and west; hosts on both are relays. What is published in the east is consumed in the west."""

    def setUp(self):
        super().setUp()
        self.history = History()
        self.network = Network(self)
        self.east, self.west = self.network.segment("east"), self.network.segment("west")
        self.nodes, self.programs = {}, []

    def relay(self, name, by=None):
        """A node on both segments; the first founds the mesh."""
        host = self.network.host(name, self.east, self.west)
        words = [word for address in host.addresses for word in ("--advertise", f"tcp://{address}:0")]
        return self.start(host, name, by, *words, listen=ANYWHERE)

    def member(self, name, segment, by):
        return self.start(self.network.host(name, segment), name, by)

    def start(self, host, name, by, *words, **more):
        join = [] if by is None else ["--join", self.invitation(by, name)]
        again = lambda *more_words: self.network.node(host, name, *words, *more_words, **more)
        self.nodes[name] = again(*join)
        self.nodes[name].host, self.nodes[name].again = host, again
        return self.nodes[name]

    def restarted(self, node):
        self.nodes[node.name] = node.again()
        self.nodes[node.name].host, self.nodes[node.name].again = node.host, node.again
        return self.nodes[node.name]

    def invitation(self, issuer, name):
        path = self.directory / f"{name}.invitation"
        path.write_bytes(self.weft("invite", name, "--data", issuer.data))
        return path

    def publisher(self, node, **more):
        self.programs.append(Publisher(self, self.history, node.data, "t", f"p-{node.name}", **more))
        return self.programs[-1]

    def consumer(self, node):
        self.programs.append(Consumer(self, self.history, node.data, "t", node.name))
        return self.programs[-1]

    def drained(self, condition, what):
        def asked():
            drain(self.programs)
            return condition()
        self.eventually(asked, what)

    def await_events(self, consumers, count, what):
        self.drained(lambda: all(consumer.saw.events >= count for consumer in consumers),
                     f"{count} events {what}, last {[consumer.saw.events for consumer in consumers]}")

    def finish(self, publishers, consumers):
        """Everything acknowledged reaches all consumers, and nothing else."""
        for publisher in publishers:
            publisher.stop()
        total = sum(publisher.sent for publisher in publishers)
        self.await_events(consumers, total, "for everybody")
        for consumer in consumers:
            consumer.stop()
        report = self.history.report()
        print(report.line(), {consumer.saw.name: consumer.paused_ms for consumer in consumers}, flush=True)
        self.assertTrue(report.good, report.problems())

    def way(self, node, source):
        """Over which node the log of the source comes; None: not at the moment."""
        rows = {row["node"]: row for row in self.weft_json("route", "t", "--json", "--data", node.data)["routes"]}
        return rows.get(source.name, {}).get("next")


class OneRelayTest(RelayTest):
    def test_it_is_killed_and_restarted_under_load(self):
        relay = self.relay("r")
        a, c = self.member("a", self.east, relay), self.member("c", self.west, relay)
        publisher, consumer = self.publisher(a, rate=2000), self.consumer(c)
        self.await_events([consumer], 2000, "through the relay")
        for _ in range(3):
            relay.kill()
            drain(self.programs)
            acknowledged = publisher.acknowledged
            self.drained(lambda: publisher.acknowledged > acknowledged + 1000, "publishing goes on")
            relay = self.restarted(relay)
            self.await_events([consumer], publisher.acknowledged + 1000, "when the relay is back")
        self.finish([publisher], [consumer])

    def test_ten_consumers_behind_it_cost_its_upstream_link_what_one_costs(self):
        relay = self.relay("r")
        a = self.member("a", self.east, relay)
        members = [self.member(f"c{number}", self.west, relay) for number in range(10)]
        self.publish(a, "t", [])
        consumers = [self.consumer(members[0])]
        of_one = self.upstream_bytes(relay, a, consumers, "first")
        consumers += [self.consumer(member) for member in members[1:]]
        self.await_events(consumers, consumers[0].saw.events, "of what is there, at all")
        of_ten = self.upstream_bytes(relay, a, consumers, "second")
        print(f"{EVENTS * EVENT_BYTES} bytes of values cost the upstream link {of_one} bytes for one consumer, {of_ten} for ten", flush=True)
        self.assertLess(abs(of_ten - of_one), 0.05 * of_one)
        self.assertLess(of_ten, 1.05 * EVENTS * EVENT_BYTES)
        for consumer in consumers:
            consumer.stop()
        report = self.history.report()
        self.assertTrue(report.good, report.problems())

    def upstream_bytes(self, relay, a, consumers, source):
        """How many bytes reach the relay from the east while EVENTS pass."""
        before = relay.host.counters("seg1")[0]
        for number in range(EVENTS // EVENTS_AT_ONCE):
            publisher = Publisher(self, self.history, a.data, "t", f"{source}-{number}", rate=1000, count=EVENTS_AT_ONCE, size=EVENT_BYTES)
            publisher.wait()
            self.await_events(consumers, self.history.acknowledged_events(), "for everybody")
        return relay.host.counters("seg1")[0] - before


class TwoRelaysTest(RelayTest):
    def test_the_one_in_use_is_killed_under_load(self):
        relays = {"r1": self.relay("r1")}
        relays["r2"] = self.relay("r2", relays["r1"])
        a, c = self.member("a", self.east, relays["r1"]), self.member("c", self.west, relays["r1"])
        publisher, consumer = self.publisher(a, rate=2000), self.consumer(c)
        self.await_events([consumer], 1000, "over a relay")
        for _ in range(2):
            used = self.way(c, a)
            self.assertIn(used, relays)
            self.eventually(lambda: all(rows == dict.fromkeys(["r1", "r2", "a", "c"], "alive") for rows in map(self.states, (a, c))), "all know all")
            relays[used].kill()
            drain(self.programs)
            self.await_events([consumer], publisher.acknowledged + 2000, f"without {used}")
            relays[used] = self.restarted(relays[used])
        self.finish([publisher], [consumer])

    def states(self, node):
        return {row["name"]: row["state"] for row in self.weft_json("nodes", "--json", "--data", node.data)["nodes"]}


if __name__ == "__main__":
    unittest.main()
