"""What tests of a service whose state moves share: three nodes, inputs, and the service that counts them."""
import json
import os
import random

from weft_harness import BINARY_DIR, WeftTest

COUNTING = BINARY_DIR / "bin/tests/counting_service"
KEYS, EVENTS = 200, 12_000


class CountingMeshTest(WeftTest):
    """The inputs are at a, which is the home; services are at b and c."""

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("WEFT_SEED", random.SystemRandom().randrange(2**32)))
        print(f"WEFT_SEED={seed}", flush=True)
        self.drawn = random.Random(seed)
        self.inputs = []
        settings = self.directory / "settings.toml"
        settings.write_text('[replication]\nreplace_after = "5s"\n')  # of a lost node's copies
        self.a = self.node("a", "--config", settings)
        self.b = self.joined(self.a, "b", "--config", settings)
        self.c = self.joined(self.a, "c", "--config", settings)
        for topic in ("shop.out", "shop.late"):
            self.weft("topics", "create", topic, "--replicas", "1", "--ack", "replicas=1", "--data", self.a.data)

    def counting(self, node, state, *options):
        """@param options  as counting_service.cpp has its last argument"""
        service = self.process(node.data, self.directory / state, 1, "a", 1, *options, program=COUNTING)
        self.assertEqual(service.line(), "standby" if "standby" in options else "ready", service.stderr())
        return service

    def publish_inputs(self, count):
        some = [{"k": f"k{self.drawn.randrange(KEYS)}", "n": self.drawn.randrange(1000)} for _ in range(count)]
        lines = "".join(json.dumps(one) + "\n" for one in some)
        self.weft("publish", "shop.in", "--data", self.a.data, "--key-field", "k", "--format", "jsonl", "-", stdin=lines)
        self.inputs += some

    def lag(self):
        return sum(row["events"] for row in self.weft_json("lag", "--json", "--data", self.a.data)["lag"] if row["name"] == "counting")

    def described(self, node=None):
        return self.weft_json("groups", "describe", "counting", "--local", "--json", "--data", (node or self.a).data)

    def causes_of_late(self):
        """A timer of an event that is handled again is due at another time, which its origin says."""
        return {one["headers"]["weft-caused-by"] for one in self.events(self.a, "shop.late", "--from", "beginning", "--idle", "3")}
