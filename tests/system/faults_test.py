"""What a node has to survive around it: a peer that vanishes, a slow or full disk, an operator's mistakes. And none of it says a secret."""
import contextlib
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import unittest

from known_values import Said, found_in, secrets_of, secrets_of_keys
from crew_test import KEYS, WORKER, is_poison
from slow_consumer_test import MIB, memory, reset_peak
from tcp_tap import Tap
from weft_harness import ANY_PORT, BINARY_DIR, Node, WeftTest, cannot_run

HEARTBEATS = '[links]\nheartbeat_interval = "200ms"\nheartbeat_timeout = "1s"\n'
SANITIZED = BINARY_DIR.name in ("asan", "tsan")


class FaultTest(WeftTest):
    def config(self, text):
        path = self.directory / "node.toml"
        path.write_text(text)
        return "--config", path

    def flows(self, node):
        return self.weft_json("flows", "--json", "--data", node.data)["flows"]

    def values(self, consumer, count):
        """The next values, which are numbers."""
        return [json.loads(consumer.line())["value"] for _ in range(count)]


class VanishedPeerTest(FaultTest):
    """T24: no FIN, no RST, just silence."""

    def setUp(self):
        super().setUp()
        options = self.config(HEARTBEATS)
        self.taps = {name: Tap() for name in "ab"}  # either node may be the one that dials
        for tap in self.taps.values():
            self.addCleanup(tap.close)
        self.a = self.behind_tap(self.node("a", *options), *options)
        self.b = self.behind_tap(self.joined(self.a, "b", *options), *options)
        self.publish(self.a, "t", range(10))
        self.consumer = self.process("subscribe", "t", "--data", self.b.data, "--from", "beginning")
        self.assertEqual(self.values(self.consumer, 10), list(range(10)))

    def behind_tap(self, node, *options):
        """The node, started again: others reach it only through its tap."""
        tap = self.taps[node.name]
        tap.forward_to(node.address)
        node.stop()
        return self.node(node.name, "--advertise", tap.address, *options)

    def freeze(self, frozen):
        for tap in self.taps.values():
            tap.freeze(frozen)

    def check(self, vanish, come_back):
        before = memory(self.a.process, "VmRSS")
        reset_peak(self.a.process)
        vanish()
        # The source notices by itself, and until then nothing piles up.
        value = "x" * 4000
        published = 10
        while self.flows(self.a):
            self.publish(self.a, "t", [json.dumps([n, value]) for n in range(published, published + 100)])
            published += 100
        self.publish(self.a, "t", [json.dumps([n, value]) for n in range(published, 4000)])
        self.assertIn("link with b is gone", self.a.process.stderr())
        if not SANITIZED:
            self.assertLess(memory(self.a.process, "VmHWM") - before, 60 * MIB)  # of which the tail cache may have 32
        come_back()
        # A link of its own, with credit counted anew: all of it comes, once and in order.
        self.assertEqual([n for n, _ in self.values(self.consumer, 4000 - 10)], list(range(10, 4000)))

    def test_network_swallows_everything(self):
        self.check(lambda: self.freeze(True), lambda: self.freeze(False))

    def test_process_stands_still(self):
        self.check(self.b.process.stand_still, lambda: self.b.process.signal(signal.SIGCONT))


class FaultyDiskTest(FaultTest):
    def setUp(self):
        super().setUp()
        self.faults = self.directory / "faults"
        self.faults.mkdir()

    def on_faulty_disk(self, name, *options):
        library = self.directory / "faulty_disk.so"  # LD_PRELOAD takes a space in a path for the end of a name
        if not library.exists():
            library.symlink_to(BINARY_DIR / "bin/tests/faulty_disk.so")
        extra = {"LD_PRELOAD": str(library), "WEFT_TEST_DISK": str(self.faults),
                 "ASAN_OPTIONS": "verify_asan_link_order=0"}
        options = options or self.config('[telemetry]\nevery = "0s"\n')  # it would wait for the disk, too, and others behind it
        return Node(self, name, self.directory / name, "--listen", ANY_PORT, *options, extra=extra)

    def refused(self, node, value, *options):
        """A publish that is not acknowledged. @returns why"""
        code, out, err = self.run_weft("publish", "t", "--data", node.data, "--json", *options, stdin=f"{value}\n")
        self.assertEqual((code, json.loads(out)["published"]), (1, 0))
        return err

    def test_one_failed_sync_is_never_taken_for_success(self):  # T08
        a = self.on_faulty_disk("a")
        self.publish(a, "t", range(10))
        (self.faults / "sync-fails").touch()
        self.refused(a, '"in doubt"')
        (self.faults / "sync-fails").unlink()
        self.assertIn("cannot sync", self.refused(a, '"later"'))  # that syncs work again says nothing about what was written
        self.assertIn("cannot sync", a.process.stderr())
        self.assertEqual([event["value"] for event in self.events(a, "t", "--from", "beginning", "--count", 10)], list(range(10)))
        self.assertEqual(a.stop(), 0)
        a = self.on_faulty_disk("a")
        self.publish(a, "t", [10])
        consumer = self.process("subscribe", "t", "--data", a.data, "--from", "beginning")
        found = [json.loads(consumer.line())["value"]]
        while found[-1] != 10:
            found.append(json.loads(consumer.line())["value"])
        # What was in doubt may be there or not; what was refused is not.
        self.assertEqual([value for value in found if value != "in doubt"], list(range(11)))

    def test_a_topic_s_level_written_does_not_wait_for_the_disk_and_synced_that_is_named_does(self):
        gate = self.faults / "sync-waits"
        gate.touch()
        a = self.on_faulty_disk("a")
        self.weft("topic", "create", "t", "--data", a.data, "--ack", "written")
        self.publish(a, "t", [0], "--ack", "synced")  # the log has its files now
        with gate.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertEqual(self.publish(a, "t", [1])["published"], 1)
        self.assertEqual(len(self.events(a, "t", "--from", "beginning", "--count", 2)), 2)  # synced by itself
        (self.faults / "sync-fails").touch()
        self.assertIn("cannot sync", self.refused(a, 2, "--ack", "synced"))

    def test_a_changed_level_holds_for_a_publisher_that_runs(self):
        a = self.on_faulty_disk("a")
        self.weft("topic", "create", "t", "--data", a.data, "--ack", "written")
        publisher = self.process("publish", "t", "--data", a.data, "--json", stdin=subprocess.PIPE)
        publisher.popen.stdin.write(b"0\n")
        publisher.popen.stdin.flush()
        self.events(a, "t", "--from", "beginning", "--count", 1)
        self.weft("topic", "alter", "t", "--data", a.data, "--ack", "synced")
        (self.faults / "sync-fails").touch()
        publisher.popen.stdin.write(b"1\n")
        publisher.popen.stdin.close()
        self.assertEqual(json.loads(publisher.rest()[-1])["published"], 1)
        self.assertEqual(publisher.wait(), 1)

    def test_no_quota_is_said_and_quota_brings_publishing_back(self):  # T09
        a = self.on_faulty_disk("a")
        self.publish(a, "t", range(10))
        (self.faults / "no-quota").touch()
        self.assertIn("raise the quota", self.refused(a, '"no"'))
        self.assertEqual([event["value"] for event in self.events(a, "t", "--from", "beginning", "--count", 10)], list(range(10)))
        (self.faults / "no-quota").unlink()
        self.eventually(lambda: self.run_weft("publish", "t", "--data", a.data, stdin="10\n")[0] == 0, "publishing again")
        found = self.events(a, "t", "--from", "beginning", "--count", 11)
        self.assertEqual([event["value"] for event in found], list(range(11)))

    def test_publishers_wait_for_a_slow_disk_and_nothing_else_does(self):  # T11
        gate = self.faults / "sync-waits"
        gate.touch()
        options = self.config(HEARTBEATS)
        a = self.on_faulty_disk("a", *options)
        b = self.joined(a, "b", *options)
        self.publish(a, "slow", range(10))
        self.publish(b, "quick", [0])
        old = self.process("subscribe", "slow", "--data", b.data, "--from", "beginning")
        self.values(old, 10)
        quick = self.process("subscribe", "quick", "--data", a.data, "--from", "beginning")
        self.values(quick, 1)

        with gate.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            lines = self.directory / "lines"
            count, value = 12_000, "x" * 4000  # 48 MB: more than the source takes on
            lines.write_text("".join(f'[{n},"{value}"]\n' for n in range(10, count)))
            before = memory(a.process, "VmRSS")
            publisher = self.process("publish", "slow", "--data", a.data, "--json", "--format", "lines", lines)
            # Heartbeats go on: three times as long as a silent peer may be. Other logs, the listings and old events too.
            began = time.monotonic()
            number = 1
            while time.monotonic() - began < 3:
                self.publish(b, "quick", [number])
                self.assertEqual(self.values(quick, 1), [number])
                self.assertEqual(len(self.events(b, "slow", "--from", "beginning", "--count", 10)), 10)
                states = {node["name"]: node["state"] for node in self.weft_json("nodes", "--json", "--data", b.data)["nodes"]}
                self.assertEqual(states, {"a": "alive", "b": "alive"})
                number += 1
            self.assertIsNone(publisher.popen.poll(), "nothing was synced, so nothing is acknowledged")
            self.assertTrue(old.lines.empty())
            if not SANITIZED:
                self.assertLess(memory(a.process, "VmRSS") - before, 40 * MIB)  # queue, unanswered, batches: not the 48 MB
        self.assertEqual(json.loads(publisher.rest()[-1])["published"], count - 10)
        self.assertEqual([n for n, _ in self.values(old, count - 10)], list(range(10, count)))
        for node in a, b:
            self.assertNotRegex(node.process.stderr(), "is gone|closed|no link")


class FullDiskTest(FaultTest):
    """T09"""

    def in_own_mounts(self, check):
        """Runs the test once more where it may mount, and there the check."""
        alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
        if "WEFT_TEST_MOUNTS" in os.environ:
            return check()
        if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode != 0:
            cannot_run(self, "this machine gives no mount namespaces")
        done = subprocess.run([*alone, sys.executable, "-m", "unittest", self.id()], env={**os.environ, "WEFT_TEST_MOUNTS": "1"},
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def on_small_disk(self):
        """A node there, and what takes so much of the disk that it is soon full."""
        disk = self.directory / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk], check=True)
        filler = disk / "filler"
        filler.write_bytes(bytes(12 * MIB))
        self.options = self.config('[log]\nsegment_bytes = "4MiB"\n')
        return self.node("a", *self.options, data=disk / "a"), filler

    def health(self, node):
        return self.weft_json("nodes", "--json", "--data", node.data)["nodes"][0]["health"]

    def test_full_disk_stops_publishing_only_and_space_brings_it_back(self):
        self.in_own_mounts(self.check_publishing)

    def check_publishing(self):
        a, filler = self.on_small_disk()
        lines = "".join(f'[{n},"{"x" * 4000}"]\n' for n in range(8000))
        code, out, err = self.run_weft("publish", "t", "--data", a.data, "--json", "--format", "lines", stdin=lines)
        acknowledged = json.loads(out)["published"]
        self.assertEqual(code, 1)
        self.assertGreater(acknowledged, 1000)
        self.assertIn("free some space", err)
        self.assertEqual(self.health(a), "frozen")
        self.assertIn("free some space", a.process.stderr())

        # What was acknowledged is delivered; cursors move on, also over a restart on the full disk.
        read = lambda count: [event["value"][0] for event in self.events(a, "t", "--name", "reader", "--count", count)]
        self.assertEqual(read(400), list(range(400)))
        self.assertEqual(read(400), list(range(400, 800)))
        self.assertEqual(a.stop(), 0)
        a = self.node("a", *self.options, data=a.data)
        self.assertEqual(read(acknowledged - 800), list(range(800, acknowledged)))

        filler.unlink()
        self.eventually(lambda: self.health(a) == "serving", "writing again")
        self.assertEqual(self.publish(a, "t", ["back"])["published"], 1)
        self.assertEqual(self.events(a, "t", "--from", "beginning", "--count", acknowledged + 1)[-1]["value"], "back")
        self.assertEqual(a.stop(), 0)
        self.assertEqual(self.weft_json("verify", a.data, "--json")["damage"], [])

    def test_a_group_works_on_a_full_disk_and_sets_aside_when_there_is_space(self):
        self.in_own_mounts(self.check_group)

    def check_group(self):
        a, filler = self.on_small_disk()
        rows = "".join(json.dumps({"k": f"k{n % KEYS}", "n": n}) + "\n" for n in range(3000))
        self.weft("publish", "shop.in", "--data", a.data, "--format", "jsonl", "--key-field", "k", stdin=rows)
        self.assertEqual(self.run_weft("publish", "fat", "--data", a.data, stdin=("x" * 4000 + "\n") * 8000)[0], 1)
        self.assertEqual(self.health(a), "frozen")
        with contextlib.suppress(OSError), open(filler, "ab", buffering=0) as more:  # what the log could not use, too
            while True:
                more.write(bytes(4096))

        journal = self.directory / "journal"
        self.process(a.data, "dead_letter", journal, self.directory / "mended", program=WORKER)
        poison = {n for n in range(3000) if is_poison(n)}
        handled = lambda: sorted(int(line.split()[1]) for line in journal.read_text().splitlines()) if journal.exists() else []
        good = sorted(set(range(3000)) - poison)
        self.eventually(lambda: len(handled()) >= len(good), "all others are handled")
        letters = lambda: self.weft_json("dead-letters", "list", "crew", "--json", "--data", a.data)["total"]
        filler.unlink()
        self.eventually(lambda: letters() == len(poison), "each that fails is a letter")
        self.eventually(lambda: all(row["events"] == 0 for row in self.weft_json("lag", "--json", "--data", a.data)["lag"]), "no lag")
        self.assertEqual(handled(), good)

    def test_a_limit_on_the_size_of_files_freezes_the_log_and_ends_nothing(self):
        a = self.node("a")
        self.publish(a, "t", ["before"])
        pid = a.process.popen.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]))
        code, _, err = self.run_weft("publish", "t", "--data", a.data, stdin="x" * 8000)
        self.assertEqual(code, 1)
        self.assertIn("File too large", err)
        self.assertEqual(self.weft_json("nodes", "--json", "--data", a.data)["nodes"][0]["health"], "frozen")
        self.assertEqual([event["value"] for event in self.events(a, "t", "--from", "beginning", "--count", 1)], ["before"])

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors of its own")
    def test_no_descriptor_left_stops_newcomers_only(self):
        a = self.node("a", *self.config('[log]\nsegment_bytes = "4MiB"\n'))
        self.publish(a, "t", ["-1"])
        publisher = self.process("publish", "t", "--data", a.data, "--json", "--format", "lines", stdin=subprocess.PIPE)
        consumer = self.process("subscribe", "t", "--data", a.data)
        self.eventually(lambda: self.flows(a), "the consumer's flow")
        value = "x" * 4000
        publisher.popen.stdin.write(f'[0,"{value}"]\n'.encode())
        publisher.popen.stdin.flush()
        self.assertEqual([n for n, _ in self.values(consumer, 1)], [0])  # both are connected now
        pid = a.process.popen.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{pid}/fd")), before[1]))

        with publisher.popen.stdin as feed:
            for n in range(1, 5000):  # over several segments
                feed.write(f'[{n},"{value}"]\n'.encode())
        self.assertEqual([n for n, _ in self.values(consumer, 4999)], list(range(1, 5000)))
        self.assertEqual(json.loads(publisher.rest()[-1])["published"], 5000)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        self.assertEqual(self.publish(a, "t", ["after"])["published"], 1)


class DirectoryTest(FaultTest):
    def test_second_process_is_refused_even_without_the_lock_file(self):  # T15
        a = self.node("a")
        self.publish(a, "t", range(10))
        (a.data / "lock").unlink()
        code, out, err = self.run_weft("node", "--name", "a", "--data", a.data)
        self.assertEqual((code, out), (1, b""))
        self.assertIn("another process holds it", err)
        self.assertEqual(self.publish(a, "t", range(10, 20))["published"], 10)
        self.assertEqual([event["value"] for event in self.events(a, "t", "--from", "beginning", "--count", 20)], list(range(20)))

    def test_times_of_files_mean_nothing_to_retention(self):  # T13
        options = self.config('[topics]\nretention_time = "1h"\n')
        for moment in 0, time.time() + 10 * 365 * 86400:
            a = self.node("a", *options)
            self.publish(a, "t", range(10))
            self.assertEqual(a.stop(), 0)
            for path in a.data.rglob("*"):
                os.utime(path, (moment, moment))
        a = self.node("a", *options)
        self.publish(a, "t", range(10))
        self.assertEqual(len(self.events(a, "t", "--from", "beginning", "--count", 30)), 30)


class SecrecyTest(FaultTest):
    """T50"""

    def test_no_node_says_a_payload_a_key_or_a_token(self):
        debug = self.config('[diagnostics]\nlevel = "debug"\n')
        said, texts = Said(), []
        a = self.node("a", *debug)
        invitation = self.directory / "b.invitation"
        invitation.write_bytes(self.weft("invite", "b", "--data", a.data))
        b = self.node("b", "--join", invitation, *debug)
        consumer = self.process("subscribe", said.topic, "--data", b.data, "--from", "beginning", "--count", len(said.rows))
        self.weft("publish", said.topic, "--data", a.data, "--format", "jsonl", "--key-field", "id", stdin=said.lines())
        consumer.rest()

        def fails(*words):
            code, out, err = self.run_weft("node", *words)
            self.assertEqual(code, 1)
            texts.append(out.decode(errors="replace") + err)

        # A token that is used, a damaged one, strangers that send one as it is.
        fails("--name", "b", "--data", self.directory / "thief", "--join", invitation)
        broken = self.directory / "broken.invitation"
        text = invitation.read_text()
        for cut in range(100, len(text), 40):
            broken.write_text(text[:cut] + "A" + text[cut + 1:])
            fails("--name", "c", "--data", self.directory / "c", "--join", broken)
        for address in (("127.0.0.1", int(a.address.rsplit(":", 1)[1])), str(a.data / "run/node.sock")):
            for content in (invitation.read_bytes(), (a.data / "keys/node.keys").read_bytes(), said.lines().encode()[:5000]):
                with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as stranger:
                    stranger.connect(address)
                    stranger.sendall(content)
                    stranger.settimeout(60)
                    try:
                        while stranger.recv(4096):
                            pass
                    except ConnectionError:
                        pass
        self.eventually(lambda: "refused a connection" in a.process.stderr(), "the strangers are told of")
        # Damage where payloads and keys are.
        for node in a, b:
            self.assertEqual(node.stop(), 0)
        known = {name: value for name, value in said.known().items() if name not in ("topic", "type")} | secrets_of(invitation)
        for node in a, b:
            for path in (node.data / "keys").glob("*.key*"):
                known |= secrets_of_keys(path)
        for segment in a.data.glob("log/*/*/*.seg"):
            content = bytearray(segment.read_bytes())
            content[len(content) // 2] ^= 1
            segment.write_bytes(content)
            segment.with_suffix(".idx").unlink(missing_ok=True)  # a copy that is written has none yet
        a = self.node("a", *debug)
        self.process("subscribe", said.topic, "--data", a.data, "--from", "beginning", "--idle", 0.2).rest()
        a.stop()
        for name in ("node.keys", "root.key", "certificate"):
            path = a.data / "keys" / name
            whole = path.read_bytes()
            for content in (whole[:-1], whole[:20] + bytes([whole[20] ^ 1]) + whole[21:]):
                path.write_bytes(content)
                fails("--name", "a", "--data", a.data)
            path.write_bytes(whole)

        texts += [path.read_text(errors="replace") for path in self.directory.glob("*.stderr")]
        texts = "".join(texts).encode()
        self.assertIn(b"damaged", texts)
        self.assertEqual(found_in(texts, known), set())


if __name__ == "__main__":
    unittest.main()
