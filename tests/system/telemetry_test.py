"""What nodes publish of themselves, put together as mesh/doc/formats.md says, against what the commands say of the same node."""
import json
import signal
import unittest

from weft_harness import BINARY_DIR, WeftTest

KEYS = {"nodes": ("name",), "links": ("name",), "flows": ("from", "to", "pattern", "name"), "topics": ("name",), "groups": ("name",), "lag": ("name", "topic"),
        "latencies": ("what", "name"), "services": ("name",)}
KINDS = {"node": "nodes", "link": "links", "flow": "flows", "topic": "topics", "group": "groups", "lag": "lag", "latency": "latencies", "service": "services"}


class Fold:
    """What one node said of itself."""

    def __init__(self):
        self.rows, self.log, self.last, self.frames, self.gone = {}, None, None, 0, set()

    def take(self, frame):
        known = (frame["started_us"], frame["sequence"] - 1)
        self.frames += 1
        if frame.get("whole"):
            self.rows = {name: {} for name in KEYS}
        elif self.last != known:
            self.last = None  # until a whole one comes
            return
        self.last = frame["started_us"], frame["sequence"]
        self.log = frame["log"]
        for name, key in KEYS.items():
            for row in frame.get(name, []):
                self.rows[name]["/".join(row.get(field, "") for field in key)] = row
        for gone in frame.get("gone", []):
            del self.rows[KINDS[gone.get("kind", "node")]][gone["key"]]  # a row that was never told can't go
            self.gone.add(gone["key"])


class TelemetryTest(WeftTest):
    def reader(self, node, *options):
        return self.process("subscribe", "_weft.telemetry", "--data", node.data, *options)

    def fold_until(self, reader, holds, folds=None):
        """Puts frames together, by node, behind those that are together already, until what they say holds."""
        folds = {} if folds is None else folds
        while True:
            event = json.loads(reader.line())
            self.assertEqual(event["key"], event["value"]["node"])
            folds.setdefault(event["node"], Fold()).take(event["value"])
            if holds(folds):
                return folds

    def test_frames_say_what_the_commands_say(self):
        a = self.node("a")
        b = self.joined(a, "b")
        self.publish(a, "orders", range(30))
        self.weft("groups", "create", "packers", "orders", "--data", a.data)
        consumer = self.process("subscribe", "orders", "--from", "beginning", "--data", b.data)
        for _ in range(30):
            consumer.line()
        settled = lambda f: {"a", "b"} <= set(f) and all(one.last for one in f.values()) and f["a"].rows["groups"] and \
            any(flow.get("events") == 30 for flow in f["b"].rows["flows"].values())
        folds = self.fold_until(self.reader(b, "--from", "beginning"), settled)
        said, asked = folds["a"].rows, lambda *words: self.weft_json(*words, "--json", "--data", a.data)
        topic = asked("topics")["topics"][0]
        self.assertEqual({field: said["topics"]["orders"].get(field, 0) for field in ("start", "end", "events", "bytes")},
                         {field: topic[field] for field in ("start", "end", "events", "bytes")})
        lag = asked("lag", "--local")["lag"][0]
        self.assertEqual({field: said["lag"]["packers/orders"][field] for field in ("events", "bytes", "position", "log")},
                         {field: lag[field] for field in ("events", "bytes", "position", "log")})
        group = asked("groups", "--local")["groups"][0]
        self.assertEqual((said["groups"]["packers"]["pattern"], said["groups"]["packers"]["kind"]), (group["pattern"], group["kind"]))
        self.assertEqual(said["links"]["b"]["id"], asked("links")["links"][0]["id"])
        itself = next(row for row in asked("nodes")["nodes"] if row["self"])
        self.assertEqual({field: said["nodes"]["a"][field] for field in ("id", "number", "state", "roles", "epoch", "health")},
                         {field: itself[field] for field in ("id", "number", "state", "roles", "epoch", "health")})
        took = said["latencies"]["publish/orders"]
        self.assertEqual((took["count"], sum(bucket["count"] for bucket in took["buckets"])), (30, 30))
        self.assertGreater(folds["a"].log["memory_bytes"], 1 << 20)
        self.assertGreater(folds["a"].log["disk_free_bytes"], 1 << 20)

    def test_a_group_that_is_deleted_goes_and_what_was_said_before_can_be_read(self):
        a = self.node("a")
        self.publish(a, "orders", range(3))
        self.weft("groups", "create", "packers", "orders", "--data", a.data)
        reader = self.reader(a, "--from", "beginning")
        self.fold_until(reader, lambda f: f["a"].last and "packers" in f["a"].rows["groups"])
        self.weft("groups", "delete", "packers", "--data", a.data)
        self.fold_until(self.reader(a, "--from", "beginning"), lambda f: f["a"].last and not f["a"].rows["groups"] and not f["a"].rows["lag"] and f["a"].frames > 3)
        a.kill()
        again = self.node("a", listen=a.address)
        kept = self.events(again, "_weft.telemetry", "--from", "beginning", "--count", 4)
        self.assertEqual([event["value"]["sequence"] for event in kept], [1, 2, 3, 4])

    def test_rows_of_several_lists_that_go_together_are_told_in_one_frame(self):
        a = self.node("a")
        self.publish(a, "orders", range(3))
        self.weft("groups", "create", "others", "orders", "--data", a.data)  # whose lag ages, so that its row is told between them
        reader = self.reader(a, "--from", "beginning")
        folds = self.fold_until(reader, lambda f: f["a"].last)
        while not {"packers", "packers/orders"} <= folds["a"].gone:  # a whole frame has no need to tell it: then once more
            self.weft("groups", "create", "packers", "orders", "--data", a.data)
            self.fold_until(reader, lambda f: "packers/orders" in f["a"].rows["lag"], folds)
            self.weft("groups", "delete", "packers", "--data", a.data)
            self.fold_until(reader, lambda f: "packers" not in f["a"].rows["groups"] and "packers/orders" not in f["a"].rows["lag"], folds)

    def test_a_dead_node_is_known_by_what_others_say_and_what_it_said_last(self):
        config = self.directory / "quick.toml"
        config.write_text('[links]\nheartbeat_interval = "200ms"\nheartbeat_timeout = "1s"\n')
        a = self.node("a", "--config", config)
        b = self.joined(a, "b", "--config", config)
        reader = self.reader(a)
        self.fold_until(reader, lambda f: "b" in f and f["b"].last)
        b.kill()
        folds = self.fold_until(reader, lambda f: "a" in f and f["a"].last and f["a"].rows["nodes"].get("b", {}).get("state") in ("suspect", "dead"))
        self.assertEqual(folds["a"].rows["nodes"]["a"]["state"], "alive")

    def test_what_a_dead_node_said_is_read_from_a_copy_of_it(self):
        a = self.node("a")
        b = self.joined(a, "b")
        self.publish(b, "orders", range(7))
        self.eventually(lambda: len(list((a.data / "log").iterdir())) == 2, "a copy of what b says, at a")
        reader = self.reader(a)
        said = self.fold_until(reader, lambda f: "b" in f and f["b"].last and f["b"].rows["topics"].get("orders", {}).get("end") == 7)
        last = said["b"].last
        self.fold_until(reader, lambda f: f["b"].last[1] >= last[1] + 3, said)  # a copy is behind by moments
        b.kill()
        reader = self.reader(a, "--from", "beginning")
        folds = self.fold_until(reader, lambda f: "b" in f and f["b"].last and f["b"].last[1] >= last[1])
        self.assertEqual(folds["b"].rows["topics"]["orders"]["end"], 7)
        self.assertEqual(folds["b"].frames, folds["b"].last[1], "none is missing")
        self.assertEqual(self.weft_json("topics", "--json", "--data", a.data)["topics"], [], "nothing else of it is here")

    def test_latencies_of_deliveries_and_handlers_are_told(self):
        a = self.node("a")
        b = self.joined(a, "b")
        self.weft("topics", "create", "orders", "--data", a.data)
        local = self.process("subscribe", "orders", "--data", a.data, "--from", "beginning")
        remote = self.process("subscribe", "orders", "--data", b.data, "--from", "beginning")
        member = self.process("subscribe", "orders", "--group", "packers", "--data", b.data, "--from", "beginning")
        self.publish(a, "orders", range(5))
        for reader in (local, remote, member):
            for _ in range(5):
                reader.line()
        self.publish(a, "orders", range(20))
        for reader in (local, remote, member):
            for _ in range(20):
                reader.line()
        count = lambda f, node, key: f[node].rows["latencies"].get(key, {}).get("count", 0) if node in f else 0
        folds = self.fold_until(self.reader(a, "--from", "beginning"), lambda f: count(f, "a", "delivery/orders") >= 20 and
                                count(f, "b", "delivery/orders") >= 20 and count(f, "a", "handler/packers") == 25)
        for node, key in (("a", "delivery/orders"), ("a", "handler/packers"), ("a", "publish/orders")):
            row = folds[node].rows["latencies"][key]
            self.assertEqual(sum(bucket["count"] for bucket in row["buckets"]), row["count"])
        self.assertNotIn("delivery/_weft.telemetry", folds["a"].rows["latencies"])

    def test_services_of_programs_are_told_as_long_as_these_run(self):
        a = self.node("a")
        service = self.process(a.data, self.directory / "state", program=BINARY_DIR / "bin/tests/counting_service")
        reader = self.reader(a, "--from", "beginning")
        folds = self.fold_until(reader, lambda f: f["a"].last and "counting" in f["a"].rows["services"])
        self.assertEqual(folds["a"].rows["services"]["counting"]["state"], "running")
        self.publish(a, "shop.in", [json.dumps({"k": "x", "n": n + 1}) for n in range(9)], "--key-field", "k", "--format", "jsonl")
        self.fold_until(reader, lambda f: f["a"].last and f["a"].rows["services"]["counting"].get("handled", 0) >= 9, folds)
        service.kill()
        self.fold_until(reader, lambda f: f["a"].last and not f["a"].rows["services"], folds)
        self.assertIn("counting", folds["a"].gone)

    def test_quick_frames_come_while_somebody_reads_them(self):
        a = self.node("a")
        b = self.joined(a, "b")
        self.weft("topics", "create", "orders", "--data", b.data)
        self.fold_until(self.reader(a), lambda f: "b" in f)  # it is known at a
        viewer = self.process("subscribe", "_weft.view.b", "--data", a.data)
        first = json.loads(viewer.line())["value"]
        self.assertTrue(first["whole"])
        self.assertEqual((first["node"], first.get("links", []), first.get("nodes", [])), ("b", [], []))
        self.publish(b, "orders", range(5))
        fold = Fold()
        fold.take(first)
        while fold.rows["topics"].get("orders", {}).get("end") != 5:
            fold.take(json.loads(viewer.line())["value"])
        viewer.signal(signal.SIGINT)
        viewer.wait()
        end = lambda: self.weft_json("topics", "describe", "_weft.view.b", "--json", "--data", b.data)["end"]
        at = []

        def rests():  # a second's worth of quick frames would be ten
            self.publish(b, "orders", range(1))
            before = end()
            self.fold_until(self.reader(b), lambda f: "b" in f and f["b"].frames >= 2)
            at.append(end())
            return at[-1] == before

        self.eventually(rests, "nobody looks, and nothing is told")

    def test_a_minute_is_rolled_up(self):
        config = self.directory / "rolled.toml"
        config.write_text('[telemetry]\nevery = "200ms"\nrollup_every = "10s"\n')
        a = self.node("a", "--config", config)
        reader = self.process("subscribe", "_weft.rollup", "--data", a.data)
        self.fold_until(self.reader(a, "--from", "beginning"), lambda f: f["a"].frames >= 2)  # what was there at its first look is no news
        self.publish(a, "orders", range(40))
        rolled = json.loads(reader.line())
        self.assertEqual((rolled["key"], rolled["value"]["node"]), ("a", "a"))
        value = rolled["value"]
        self.assertGreaterEqual(value["until_us"] - value["from_us"], 10_000_000)
        topic = next(row for row in value["topics"] if row["name"] == "orders")
        self.assertEqual((topic["published"], topic["end"]), (40, 40))
        self.assertLessEqual(topic["published_per_s"]["least"], topic["published_per_s"]["mean"])
        self.assertLessEqual(topic["published_per_s"]["mean"], topic["published_per_s"]["most"])
        took = next(row for row in value["latencies"] if row["what"] == "publish")
        self.assertEqual(took["count"], 40)
        self.assertIn(b"table Rollup", self.weft("contracts", "show", "_weft.rollup", "--data", a.data))
        config.write_text('[telemetry]\nrollup_every = "1s"\n')
        code, _, err = self.run_weft("node", "--name", "x", "--data", self.directory / "x", "--config", config)
        self.assertEqual(code, 1)
        self.assertIn("telemetry.rollup_every (1s) must be 0s or at least 10s", err)

    def test_it_is_turned_off_in_the_configuration(self):
        config = self.directory / "silent.toml"
        config.write_text('[telemetry]\nevery = "0s"\n')
        a = self.node("a", "--config", config)
        self.publish(a, "orders", range(3))
        self.assertEqual(self.weft_json("nodes", "--json", "--data", a.data)["nodes"][0]["head"], 3)
        config.write_text('[telemetry]\nevery = "20ms"\n')
        code, _, err = self.run_weft("node", "--name", "x", "--data", self.directory / "x", "--config", config)
        self.assertEqual(code, 1)
        self.assertIn("telemetry.every (20ms) must be 0s or at least 100ms", err)

    def test_its_contract_is_shown_and_not_to_be_changed(self):
        a = self.node("a")
        self.assertIn(b"table Frame", self.weft("contracts", "show", "_weft.telemetry", "--data", a.data))
        self.assertEqual(self.weft_json("contracts", "list", "--json", "--data", a.data)["contracts"], [], "those that are the mesh's own are not listed")
        code, _, err = self.run_weft("contracts", "remove", "_weft.telemetry", "--data", a.data)
        self.assertEqual((code, "the mesh's own" in err), (1, True))

    def test_a_reader_leaves_as_others_do(self):
        a = self.node("a")
        reader = self.reader(a)
        self.fold_until(reader, lambda f: f["a"].frames >= 2)
        reader.signal(signal.SIGINT)
        self.assertEqual(reader.wait(), 0)


if __name__ == "__main__":
    unittest.main()
