"""The networks of the tests do what they say: bytes pass between those hosts that are joined, as late and as lossy as set."""
import subprocess
import unittest

from network import Network
from weft_harness import WeftTest

ECHO = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE: only the cable may lose
server.bind((sys.argv[1], 9))
print("ready", flush=True)
while True:
    data, sender = server.recvfrom(2048)
    server.sendto(data, sender)
"""

# Sends numbers, one after the other; prints how many came back, whether in order, and the shortest time in ms.
ASK = """
import select, socket, sys, time
to, count = sys.argv[1], int(sys.argv[2])
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)
for _ in range(8):  # the first waits for ARP, which reorders what is sent meanwhile
    client.sendto(b"first", (to, 9))
    if select.select([client], [], [], 0.3)[0]:
        break
while select.select([client], [], [], 0.3)[0]:
    client.recv(2048)
began, back, shortest = {}, [], 1e9
for number in range(count):
    began[number] = time.monotonic()
    client.sendto(str(number).encode(), (to, 9))
while select.select([client], [], [], 1)[0]:
    number = int(client.recv(2048))
    back.append(number)
    shortest = min(shortest, time.monotonic() - began[number])
print(len(back), int(back == sorted(back)), int(shortest * 1000))
"""


class Hosts(WeftTest):
    def echo(self, host, address):
        server = self.process("-c", ECHO, address, program="python3", within=host.command())
        self.assertEqual(server.line(), "ready")

    def ask(self, host, address, count=200):
        done = subprocess.run(host.command("python3", "-c", ASK, address, count), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return 0, 1, 0  # no way there: the kernel says so at once
        return tuple(map(int, done.stdout.split()))


class CableTest(Hosts):
    def setUp(self):
        super().setUp()
        network = Network(self)
        self.a, self.b = network.host("a"), network.host("b")
        self.cable = network.cable(self.a, self.b)
        self.echo(self.b, self.cable.b)

    def test_all_passes_in_order_when_nothing_is_set(self):
        self.assertEqual(self.ask(self.a, self.cable.b)[:2], (200, 1))

    def test_delay_counts_each_way(self):
        self.cable.set(delay_ms=50)
        back, _, shortest = self.ask(self.a, self.cable.b, 5)
        self.assertEqual(back, 5)
        self.assertGreaterEqual(shortest, 100)

    def test_a_share_is_lost(self):
        self.cable.set(loss=0.2)
        back, _, _ = self.ask(self.a, self.cable.b, 1000)
        self.assertTrue(500 < back < 780, back)  # 640 are expected

    def test_some_are_reordered_and_none_lost(self):
        self.cable.set(reorder=0.05)
        self.assertEqual(self.ask(self.a, self.cable.b)[:2], (200, 0))

    def test_one_way_is_cut_and_healed(self):
        self.cable.cut("ba")
        heard = self.b.counters(self.cable.device)[0]
        self.assertEqual(self.ask(self.a, self.cable.b, 10)[0], 0)
        self.assertGreater(self.b.counters(self.cable.device)[0], heard, "the other way is open")
        self.cable.set()
        self.assertEqual(self.ask(self.a, self.cable.b, 10)[0], 10)


class SegmentTest(Hosts):
    def test_a_segment_joins_its_hosts_and_no_others(self):
        network = Network(self)
        east, west = network.segment("east"), network.segment("west")
        a, both, c = network.host("a", east), network.host("both", east, west), network.host("c", west)
        self.echo(both, both.addresses[0])
        self.echo(c, c.address)
        self.assertEqual(self.ask(a, both.addresses[0])[0], 200)
        self.assertEqual(self.ask(both, c.address)[0], 200)
        self.assertEqual(self.ask(a, c.address)[0], 0)

    def test_a_gateway_joins_what_has_a_route_over_it(self):
        network = Network(self)
        east, west = network.segment("east"), network.segment("west")
        a, gateway, c = network.host("a", east), network.host("gateway", east, west), network.host("c", west)
        self.echo(c, c.address)
        gateway.forward()
        self.assertEqual(self.ask(a, c.address)[0], 0)
        a.route(c.address, gateway.addresses[0])
        c.route(a.address, gateway.addresses[1])
        self.assertEqual(self.ask(a, c.address)[0], 200)


if __name__ == "__main__":
    unittest.main()
