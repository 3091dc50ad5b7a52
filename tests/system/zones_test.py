"""Sites that are far apart: a slow and lossy link between zones carries each event once, and sites that are parted go on by themselves."""
import unittest

from history import History
from network import Network
from traffic import Consumer, Publisher, drain
from weft_harness import WeftTest


class SitesTest(WeftTest):
    """Two sites, each a segment, with a cable between their gateways. Every node can dial every other one."""

    def setUp(self):
        super().setUp()
        self.history, self.programs, self.nodes = History(), [], []
        self.network = Network(self)
        self.sites = {name: self.network.segment(name) for name in ("east", "west")}
        self.gateways = {name: self.network.host(f"gateway of {name}", site) for name, site in self.sites.items()}
        self.cable = self.network.cable(*self.gateways.values())
        self.far = {"east": self.cable.b, "west": self.cable.a}  # a gateway's next hop
        for gateway in self.gateways.values():
            gateway.forward()
        for site, other in (("east", "west"), ("west", "east")):
            self.gateways[site].route(self.gateways[other].address, self.far[site])

    def member(self, name, site, zone=None):
        host = self.network.host(name, self.sites[site])
        other = next(gateway for at, gateway in self.gateways.items() if at != site)
        host.route(other.address, self.gateways[site].address)
        join = ["--join", self.invitation(name)] if self.nodes else []
        self.nodes.append(self.network.node(host, name, "--zone", zone or site, *join))
        return self.nodes[-1]

    def invitation(self, name):
        path = self.directory / f"{name}.invitation"
        path.write_bytes(self.weft("invite", name, "--data", self.nodes[0].data))
        return path

    def states(self, node):
        return {row["name"]: row["state"] for row in self.weft_json("nodes", "--json", "--data", node.data)["nodes"]}

    def await_members(self):
        everybody = {node.name: "alive" for node in self.nodes}
        self.eventually(lambda: all(self.states(node) == everybody for node in self.nodes), "all know all")

    def publisher(self, node, **more):
        self.programs.append(Publisher(self, self.history, node.data, "t", f"p-{node.name}", **more))
        return self.programs[-1]

    def consumer(self, node):
        self.programs.append(Consumer(self, self.history, node.data, "t", node.name))
        return self.programs[-1]

    def await_events(self, consumers, count, what):
        def complete():
            drain(self.programs)
            return all(consumer.saw.events >= count for consumer in consumers)
        self.eventually(complete, f"{count} events {what}")

    def check(self, consumers):
        for consumer in consumers:
            consumer.stop()
        report = self.history.report()
        print(report.line(), {consumer.saw.name: consumer.paused_ms for consumer in consumers}, flush=True)
        self.assertTrue(report.good, report.problems())


class FarLinkTest(SitesTest):
    def test_consumers_in_another_zone_cost_the_link_one_copy(self):
        self.cable.set(delay_ms=50, loss=0.01)
        source = self.member("a", "west")
        members = [self.member(f"c{number}", "east") for number in range(4)]
        self.await_members()
        consumers = [self.consumer(member) for member in members]
        self.publisher(source, rate=100, count=100).wait()
        self.await_events(consumers, 100, "to begin with")

        gateway, device = self.gateways["east"], self.cable.device
        before = gateway.counters(device)[0]
        Publisher(self, self.history, source.data, "t", "counted", rate=25, count=200, size=10_000).wait()
        self.await_events(consumers, 300, "over the link")
        carried = gateway.counters(device)[0] - before
        print(f"2000000 bytes of values cost the link {carried} bytes for four consumers", flush=True)
        self.assertLess(carried, 1.25 * 2e6, "one copy, not two")
        self.check(consumers)


class PartedTest(SitesTest):
    def test_sites_go_on_while_parted_under_load_and_miss_nothing_afterwards(self):
        members = [self.member(name, site) for name, site in (("a", "west"), ("b", "west"), ("c", "east"), ("d", "east"))]
        self.await_members()
        consumers = [self.consumer(member) for member in members]
        publishers = [self.publisher(members[0], rate=500), self.publisher(members[2], rate=500)]
        self.await_events(consumers, 1000, "in both sites")

        self.cable.cut()
        self.eventually(lambda: self.states(members[0])["c"] == "dead" and self.states(members[2])["a"] == "dead", "each site is alone")
        drain(self.programs)
        near = {consumers[1]: publishers[0], consumers[3]: publishers[1]}
        for consumer, publisher in near.items():
            seen = consumer.saw.events
            self.await_events([consumer], seen + 500, "of the own site")

        self.cable.set()
        for publisher in publishers:
            publisher.stop()
        self.await_events(consumers, sum(publisher.sent for publisher in publishers), "for everybody")
        self.check(consumers)


if __name__ == "__main__":
    unittest.main()
