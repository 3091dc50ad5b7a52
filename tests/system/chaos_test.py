"""Five nodes under load, one of them killed again and again, one with its disk wiped: the history of it all is right.

WEFT_CHAOS_SECONDS (20) is how long the load lasts, WEFT_CHAOS_RATE (4000) how many events a second it has in all. One node is killed each
WEFT_CHAOS_KILL_EVERY (5) seconds and is back after a fifth of that; 0: none, no disk is wiped, and no node's memory may grow. WEFT_SEED
replays who is killed."""
import os
import pathlib
import random
import re
import shutil
import time
import unittest

from copies import Copies, copies_of, entries_of
from history import History
from traffic import Consumer, Publisher, drain
from weft_harness import WeftTest

SECONDS = int(os.environ.get("WEFT_CHAOS_SECONDS", 20))
RATE = int(os.environ.get("WEFT_CHAOS_RATE", 4000))
KILL_EVERY_S = int(os.environ.get("WEFT_CHAOS_KILL_EVERY", 5))
SEED = int(os.environ.get("WEFT_SEED", time.time_ns() % 2**32))
NAMES = "abcde"
CONSUMING = "bd"  # nodes with a consumer of everything
WIPED = "e"
REPLACE_AFTER_S = 3  # what a node without its disk has held of others is held by another one then
CATCH_UP_S = 120
WARM_UP_S = max(2, SECONDS // 10)  # then caches are full
GROWTH_MAX = 1.2                   # of memory, while nothing is killed


def memory_mib(node):
    text = pathlib.Path(f"/proc/{node.process.popen.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", text, re.MULTILINE)[1]) / 1024


class ChaosTest(WeftTest):
    level = "synced"

    def setUp(self):
        super().setUp()
        self.chance = random.Random(SEED)
        self.history = History()
        self.settings = self.directory / "chaos.toml"
        self.settings.write_text(f'[replication]\nreplace_after = "{REPLACE_AFTER_S}s"\n')
        self.nodes = {"a": self.node("a", "--config", self.settings)}
        self.nodes.update((name, self.joined(self.nodes["a"], name, "--config", self.settings)) for name in NAMES[1:])
        self.logs = {}  # node -> its log, of nodes that are gone too
        self.programs, self.publishers = [], {}
        self.remember_logs()
        if copies := copies_of(self.level):
            self.weft("topics", "create", "load", "--replicas", copies, "--data", self.nodes["a"].data)
        self.consumers = [Consumer(self, self.history, self.nodes[name].data, "load", name) for name in CONSUMING]
        self.programs += self.consumers
        for node in list(self.nodes.values()):
            self.publish_at(node)

    def remember_logs(self):
        every = dict.fromkeys(self.nodes)
        def known():
            every.update((row["name"], row["id"]) for row in self.weft_json("nodes", "--json", "--data", self.nodes["a"].data)["nodes"])
            return all(every.values())
        self.eventually(known, "a knows all")
        self.logs.update((name, f"{node}.0") for name, node in every.items())

    def publish_at(self, node):
        publisher = Publisher(self, self.history, node.data, "load", f"p-{node.name}", level=self.level, rate=RATE / len(NAMES))
        self.programs.append(publisher)
        self.publishers[node.name] = publisher

    def go_on_for(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            drain(self.programs)
            time.sleep(0.05)

    def kill_one(self):
        name = self.chance.choice(sorted(self.nodes))
        node = self.nodes[name]
        node.kill()
        self.go_on_for(KILL_EVERY_S / 5)
        self.nodes[name] = self.node(name, "--config", self.settings, data=node.data)

    def wipe_one(self):
        """Its disk is lost, identity and all: another node comes in its place. What it alone had may be lost; what it had
        acknowledged with copies is read from them."""
        node = self.nodes.pop(WIPED)
        self.publishers.pop(WIPED).stop()
        self.history.disk_lost(WIPED)
        node.kill()
        shutil.rmtree(node.data)
        self.go_on_for(KILL_EVERY_S / 5)
        name = f"{WIPED}2"
        self.nodes[name] = self.joined(self.nodes["a"], name, "--config", self.settings)
        self.remember_logs()
        self.publish_at(self.nodes[name])

    def run_load(self):
        end = time.monotonic() + SECONDS
        if not KILL_EVERY_S:
            return self.go_on_for(SECONDS)
        rounds = SECONDS // KILL_EVERY_S
        for number in range(rounds):
            began = time.monotonic()
            if number == rounds // 2:
                self.wipe_one()
            else:
                self.kill_one()
            self.go_on_for(min(end, began + KILL_EVERY_S) - time.monotonic())

    def await_all(self):
        """What was acknowledged and can be had comes to every consumer."""
        for publisher in self.publishers.values():
            publisher.stop()
        seen, since = 0, time.monotonic()
        def complete():
            nonlocal seen, since
            drain(self.programs)
            if seen != (now := sum(consumer.saw.events for consumer in self.consumers)):
                seen, since = now, time.monotonic()
            return time.monotonic() - since > 0.5 and not self.history.report().lost
        self.eventually(complete, "all is consumed", timeout=CATCH_UP_S)
        for consumer in self.consumers:
            consumer.stop()

    def check_copies(self):
        copies = Copies()
        for node in self.nodes.values():
            self.assertEqual(node.stop(), 0, node.process.stderr())
        for name, node in self.nodes.items():
            self.assertEqual(self.weft_json("verify", node.data, "--json", timeout=600)["damage"], [])
            copies.add(name, entries_of(self, node.data))
        self.assertEqual(copies.diverged, [])
        lacking = copies.lacking(self.history, self.logs)
        self.assertFalse(lacking, f"{len(lacking)} of what was acknowledged, such as {lacking[:3]}")

    def test_chaos(self):
        self.go_on_for(WARM_UP_S)
        memory = {name: memory_mib(node) for name, node in self.nodes.items()}
        began = time.monotonic()
        self.run_load()
        lasted = time.monotonic() - began
        memory_end = {name: memory_mib(node) for name, node in self.nodes.items()}
        self.await_all()
        report = self.history.report()
        print(f"\nseed {SEED}: {lasted:.0f} s at {self.level}, {self.history.acknowledged_events() / lasted:.0f} events/s acknowledged")
        print(report.line())
        for consumer in self.consumers:
            print(f"consumer at {consumer.saw.name} waited at most {consumer.paused_ms.pop('*', 0)} ms for any event, "
                  + ", ".join(f"{ms} ms for {node}'s" for node, ms in sorted(consumer.paused_ms.items())))
        print("memory in MiB: " + ", ".join(f"{name} {memory.get(name, 0):.1f} to {end:.1f}" for name, end in memory_end.items()), flush=True)
        if not KILL_EVERY_S:
            for name, end in memory_end.items():
                self.assertLess(end, GROWTH_MAX * memory[name], name)
        failed = {name: publisher.failed[:3] for name, publisher in self.publishers.items() if publisher.failed}
        self.assertFalse(failed)
        self.assertTrue(report.good, f"seed {SEED}: {report.problems()}")
        self.check_copies()


class ChaosWithCopiesTest(ChaosTest):
    """What was acknowledged has its copies when all is over, whoever was killed and whatever disk was lost."""
    level = "replicas=2"


if __name__ == "__main__":
    unittest.main()
