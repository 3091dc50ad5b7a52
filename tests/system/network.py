"""Networks of a test: hosts are network namespaces, segments are bridges, cables can lose, delay, reorder and be cut.

    network = Network(self)
    east = network.segment("east")
    a, b = network.host("a", east), network.host("b", east)
    west = network.host("c")
    wan = network.cable(b, west, delay_ms=100, loss=0.01)
    node = network.node(a, "a")          # `weft node` in that host, listening at its address

Programs reach a node by its local socket from anywhere: only what goes between nodes passes the network.
"""
import itertools
import os
import pathlib
import subprocess

from weft_harness import BINARY_DIR, Node, cannot_run, environment

CABLE = BINARY_DIR / "bin/tests/cable"
SEED = int(os.environ.get("WEFT_SEED", "1"))  # of what cables lose
_serial = itertools.count()


class Host:
    """A namespace with its addresses, one for each segment or cable it is on."""

    def __init__(self, network, name):
        self.network, self.name = network, name
        self.space = f"weft-{os.getpid()}-{next(_serial)}"
        self.addresses = []
        network.ip("netns", "add", self.space)
        network.test.addCleanup(network.ip, "netns", "delete", self.space)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        return self.network.ip("-n", self.space, *words)

    @property
    def address(self):
        return self.addresses[0]

    def attach(self, device, address):
        self.ip("address", "add", f"{address}/24", "dev", device)
        self.ip("link", "set", device, "up")
        self.addresses.append(address)

    def forward(self):
        """It passes packets on between its segments and cables."""
        subprocess.run(self.command("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"), check=True)

    def route(self, address, gateway):
        """The network of that address is reached over the gateway's address."""
        self.ip("route", "add", f"{address.rpartition('.')[0]}.0/24", "via", gateway)

    def counters(self, device):
        """(bytes received, bytes sent) of a device, as the kernel counts them."""
        found = []
        for way in ("rx", "tx"):
            path = f"/sys/class/net/{device}/statistics/{way}_bytes"
            found.append(int(subprocess.run(["ip", "netns", "exec", self.space, "cat", path], capture_output=True, check=True).stdout))
        return tuple(found)

    def command(self, *words):
        """The words that run a command in this host."""
        return ["ip", "netns", "exec", self.space, *map(str, words)]


class Segment:
    """A bridge: its hosts reach each other and nobody else."""

    def __init__(self, network, name, number):
        self.network, self.name, self.number = network, name, number
        self.bridge = Host(network, f"bridge of {name}")
        self.bridge.ip("link", "add", "bridge", "type", "bridge")
        self.bridge.ip("link", "set", "bridge", "up")
        self.hosts = 0

    def join(self, host):
        self.hosts += 1
        device = f"seg{self.number}"
        port = f"port{self.hosts}"
        host.ip("link", "add", device, "type", "veth", "peer", "name", port, "netns", self.bridge.space)
        self.bridge.ip("link", "set", port, "master", "bridge", "up")
        host.attach(device, f"10.77.{self.number}.{self.hosts}")
        return device


class Cable:
    """Between two hosts. `a` and `b` are their addresses on it."""

    def __init__(self, network, first, second, number):
        self.a, self.b = f"10.78.{number}.1", f"10.78.{number}.2"
        self.device = f"cable{number}"
        self.process = subprocess.Popen([CABLE, str(SEED + 2 * number), first.space, self.device, second.space, self.device],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment())
        network.test.addCleanup(self._end)
        self._answered()
        first.attach(self.device, self.a)
        second.attach(self.device, self.b)

    def set(self, way="both", delay_ms=0, loss=0.0, reorder=0.0, bytes_per_s=0):
        """`way`: ab, ba or both; loss and reorder are shares of the frames."""
        self._order(f"{way} {int(delay_ms * 1000)} {int(loss * 1e6)} {int(reorder * 1e6)} {int(bytes_per_s)}")

    def cut(self, way="both"):
        self._order(f"{way} cut")

    def _order(self, line):
        self.process.stdin.write(line + "\n")
        self._answered()

    def _answered(self):
        answer = self.process.stdout.readline()
        if answer != "ok\n":
            raise AssertionError(f"the cable {self.device} said {answer!r}")

    def _end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Network:
    def __init__(self, test):
        self.test = test
        self.numbers = itertools.count(1)
        if os.geteuid() != 0 or not pathlib.Path("/dev/net/tun").exists():
            cannot_run(test, "no right to make network namespaces: this needs root and /dev/net/tun")
        probe = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            cannot_run(test, f"no right to make network namespaces: {probe.stderr.decode().strip()}")

    def ip(self, *words):
        done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"ip {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def segment(self, name):
        return Segment(self, name, next(self.numbers))

    def host(self, name, *segments):
        made = Host(self, name)
        for segment in segments:
            segment.join(made)
        return made

    def cable(self, first, second, **settings):
        made = Cable(self, first, second, next(self.numbers))
        if settings:
            made.set(**settings)
        return made

    def node(self, host, name, *options, data=None, listen=None):
        """`weft node` in the host, at its first address and a port that the kernel chooses once."""
        data = data or self.test.directory / name
        listen = listen or f"tcp://{host.address}:0"
        return Node(self.test, name, data, "--listen", listen, *options, within=host.command())
