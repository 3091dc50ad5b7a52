"""What others script against: output, JSON keys and exit codes of every command."""
import json
import os
import re
import secrets
import signal
import subprocess
import unittest

from weft_harness import ANY_PORT, WEFT, WeftTest, environment, position

POSITION = re.compile(r"^[a-z0-9-]+/\d+-[0-9a-f]+/\d+$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


class NodeTest(WeftTest):
    def test_prints_ready_once_and_stops_on_sigterm(self):
        node = self.node("a")
        self.assertRegex(node.address, r"^tcp://127\.0\.0\.1:\d+$")
        self.assertNotEqual(node.address, ANY_PORT)
        self.assertEqual(node.stop(timeout=5), 0)
        self.assertEqual(node.process.rest(), [])

    def test_stops_on_ctrl_c_too(self):
        node = self.node("a")
        node.process.signal(signal.SIGINT)
        self.assertEqual(node.process.wait(5), 0)

    def test_says_that_it_founded_a_mesh_and_how_to_invite(self):
        node = self.node("a")
        self.assertIn("weft invite", node.process.stderr())
        self.assertEqual(node.stop(), 0)

    def test_second_process_on_the_directory_is_refused_naming_the_first(self):
        node = self.node("a")
        code, out, err = self.run_weft("node", "--name", "a", "--data", node.data)
        self.assertEqual((code, out), (1, b""))
        self.assertIn(str(node.process.popen.pid), err)

    def test_keeps_its_port(self):
        node = self.node("a")
        first = node.address
        node.stop()
        self.assertEqual(self.node("a").address, first)

    def test_works_with_a_long_path(self):
        node = self.node("a", data=self.directory / ("d" * 120) / ("e" * 60))
        self.assertEqual(self.publish(node, "t", [1])["published"], 1)

    def test_an_address_on_the_command_line_is_checked_as_one_of_the_file(self):
        for option, address in (("--listen", "tcp://127.0.0.1:99999"), ("--listen", "ipc:///tmp/x"), ("--advertise", "garbage")):
            code, out, err = self.run_weft("node", "--name", "a", "--data", self.directory / "a", option, address, timeout=10)
            self.assertEqual((code, out), (1, b""), err)
            self.assertIn(address, err)
        self.assertFalse((self.directory / "a").exists())

    def test_any_size_of_segments_that_is_allowed_works(self):
        config = self.directory / "node.toml"
        config.write_text("log.segment_bytes = 4194305\n")
        node = self.node("a", "--config", config)
        self.assertEqual(self.publish(node, "t", [1])["published"], 1)

    def test_config_file_sets_what_the_options_do_not(self):
        config = self.directory / "node.toml"
        config.write_text(f'name = "from-file"\ndata = "{self.directory}/configured"\n')
        process = self.process("node", "--config", config, "--listen", ANY_PORT)
        self.assertTrue(process.line().startswith("ready "))
        nodes = self.weft_json("nodes", "--json", "--data", self.directory / "configured")["nodes"]
        self.assertEqual([node["name"] for node in nodes], ["from-file"])

    def test_unknown_configuration_key_is_named_with_its_line(self):
        config = self.directory / "node.toml"
        config.write_text('name = "a"\nlisen = "tcp://127.0.0.1:0"\n')
        code, out, err = self.run_weft("node", "--config", config, "--data", self.directory / "a")
        self.assertEqual((code, out), (1, b""))
        self.assertIn("node.toml:2", err)
        self.assertIn("lisen", err)
        self.assertIn("listen", err)


class PublishTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")

    def test_json_result(self):
        result = self.publish(self.a, "t", ["x", "y", "z"])
        self.assertEqual(sorted(result), ["first", "last", "published", "seconds"])
        self.assertEqual(result["published"], 3)
        self.assertRegex(result["first"], POSITION)
        self.assertRegex(result["last"], POSITION)
        self.assertEqual(int(result["last"].rsplit("/", 1)[1]) - int(result["first"].rsplit("/", 1)[1]), 2)
        self.assertGreaterEqual(result["seconds"], 0)

    def test_nothing_to_publish_is_success(self):
        result = self.publish(self.a, "t", [])
        self.assertEqual((result["published"], result["first"], result["last"]), (0, None, None))

    def test_key_type_and_format_of_jsonl(self):
        rows = [{"id": "A1", "n": 1}, {"id": 7, "n": 2}]
        self.weft("publish", "t", "--data", self.a.data, "--format", "jsonl", "--key-field", "id", "--type", "Order",
                  stdin="".join(json.dumps(row) + "\n" for row in rows))
        found = self.events(self.a, "t", "--from", "beginning", "--count", 2)
        self.assertEqual([event["key"] for event in found], ["A1", "7"])
        self.assertEqual([event["type"] for event in found], ["Order", "Order"])
        self.assertEqual([event["value"] for event in found], rows)

    def test_acknowledgement_level_written(self):
        self.assertEqual(self.publish(self.a, "t", range(10), "--ack", "written")["published"], 10)

    def test_codec_is_the_topic_s_or_the_one_that_is_named(self):
        values = [json.dumps("x" * 200)] * 50
        self.weft("topic", "create", "packed", "--data", self.a.data, "--codec", "lz4", "--ack", "written")
        self.publish(self.a, "packed", values)
        self.publish(self.a, "packed", values, "--codec", "none")
        self.publish(self.a, "plain", values)
        self.publish(self.a, "plain", values, "--codec", "lz4")
        self.weft("topic", "alter", "packed", "--data", self.a.data, "--codec", "none")
        self.publish(self.a, "packed", values)
        self.assertEqual([event["value"] for event in self.events(self.a, "packed", "--from", "beginning", "--count", 150)],
                         ["x" * 200] * 150)
        self.assertEqual(self.a.stop(), 0)
        codecs = {"packed": [], "plain": []}  # of each fifty events
        offset = lambda entry: entry["topic_offset"]
        for topic, found in codecs.items():
            entries = [entry for segment in self.a.data.glob("log/*/*/*.seg")
                       for entry in self.weft_json("dump", segment, "--json")["entries"] if entry["topic"] == topic]
            for begin in range(0, entries[-1]["topic_offset"] + 1, 50):
                found.append({entry["codec"] for entry in entries if begin <= offset(entry) < begin + 50})
        self.assertEqual(codecs, {"packed": [{"lz4"}, {"none"}, {"none"}], "plain": [{"none"}, {"lz4"}]})

    def test_rate_is_kept(self):
        result = self.publish(self.a, "t", range(20), "--rate", 50)
        self.assertEqual(result["published"], 20)
        self.assertGreaterEqual(result["seconds"], 19 / 50)

    def test_bad_rows_are_told_with_their_lines_and_counted(self):
        code, out, err = self.run_weft("publish", "t", "--data", self.a.data, "--json", "--format", "jsonl",
                                       stdin='{"n":1}\n{"n":\n\n{"n":3}\nnope\n')
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(out)["published"], 2)
        self.assertIn("line 2", err)
        self.assertIn("line 5", err)
        self.assertIn("2 bad rows", err)

    def test_strict_stops_at_the_first_bad_row(self):
        code, out, err = self.run_weft("publish", "t", "--data", self.a.data, "--json", "--format", "csv", "--strict",
                                       stdin="a,b\n1,2\n3\n4,5\n")
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(out)["published"], 1)
        self.assertIn("line 3", err)

    def test_too_large_a_row_is_bad_and_the_next_is_published(self):
        code, out, err = self.run_weft("publish", "t", "--data", self.a.data, "--json", stdin="x" * (1024 * 1024 + 1) + "\ny\n")
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(out)["published"], 1)
        self.assertIn("line 1", err)

    def test_interrupted_it_still_prints_its_result(self):
        publisher = self.process("publish", "t", "--data", self.a.data, "--json", stdin=subprocess.PIPE)
        publisher.popen.stdin.write(b"one\ntwo\n")
        publisher.popen.stdin.flush()
        self.events(self.a, "t", "--from", "beginning", "--count", 2)
        publisher.signal(signal.SIGINT)
        result = json.loads(publisher.rest()[-1])
        self.assertEqual(result["published"], 2)
        self.assertEqual(publisher.wait(), 1)
        publisher.popen.stdin.close()

    def test_while_its_node_stands_still_it_says_what_it_waits_for(self):
        publisher = self.process("publish", "t", "--data", self.a.data, "--json", stdin=subprocess.PIPE)
        publisher.popen.stdin.write(b"one\n")
        publisher.popen.stdin.flush()
        self.events(self.a, "t", "--from", "beginning", "--count", 1)
        self.a.process.stand_still()
        publisher.popen.stdin.write(b"two\n")
        publisher.popen.stdin.close()
        self.eventually(lambda: "does not say what became of" in publisher.stderr(), "word of what it waits for")
        publisher.signal(signal.SIGINT)
        self.a.process.signal(signal.SIGCONT)
        self.assertEqual(json.loads(publisher.rest()[-1])["published"], 2)

    def test_without_its_node_it_still_prints_its_result(self):
        publisher = self.process("publish", "t", "--data", self.a.data, "--json", stdin=subprocess.PIPE)
        publisher.popen.stdin.write(b"one\ntwo\n")
        publisher.popen.stdin.flush()
        self.events(self.a, "t", "--from", "beginning", "--count", 2)
        publisher.popen.stdin.write(b"three\n")
        publisher.popen.stdin.flush()
        self.events(self.a, "t", "--from", "beginning", "--count", 3)
        self.a.kill()
        result = json.loads(publisher.rest()[-1])
        self.assertIn(result["published"], (2, 3))  # the third left when the others were answered; its answer may be lost
        self.assertEqual(publisher.wait(), 1)
        publisher.popen.stdin.close()

    def test_no_such_file(self):
        code, out, err = self.run_weft("publish", "t", "--data", self.a.data, self.directory / "missing.csv")
        self.assertEqual((code, out), (1, b""))
        self.assertIn("missing.csv", err)


class SubscribeTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")

    def test_json_lines_have_the_contract_s_fields(self):
        self.weft("publish", "t", "--data", self.a.data, "--format", "csv", "--key-field", "id", stdin="id,n\nA,1\n")
        (event,) = self.events(self.a, "t", "--from", "beginning", "--count", 1)
        self.assertEqual(list(event), ["topic", "node", "epoch", "seq", "topic_offset", "time", "type", "key", "headers", "value"])
        self.assertEqual((event["topic"], event["node"], event["topic_offset"]), ("t", "a", 0))
        self.assertEqual((event["type"], event["key"], event["headers"]), (None, "A", {}))
        self.assertEqual(event["value"], {"id": "A", "n": "1"})
        self.assertRegex(event["time"], TIME)
        self.assertRegex(position(event), POSITION)

    def test_values_are_json_text_or_base64(self):
        self.weft("publish", "t", "--data", self.a.data, stdin=b'{"a": 1.50}\nplain "text"\n\xff\xfe\n12\n\n')
        found = self.events(self.a, "t", "--from", "beginning", "--count", 5)
        self.assertEqual([event["value"] for event in found], [{"a": 1.5}, 'plain "text"', {"base64": "//4="}, 12, ""])

    def test_value_format_is_the_bytes(self):
        self.weft("publish", "t", "--data", self.a.data, stdin=b"one\n\xff\n")
        out = self.weft("subscribe", "t", "--data", self.a.data, "--from", "beginning", "--count", 2, "--format", "value")
        self.assertEqual(out, b"one\n\xff\n")

    def test_table_format_is_a_line_an_event(self):
        self.publish(self.a, "t", ["one", "two"])
        out = self.weft("subscribe", "t", "--data", self.a.data, "--from", "beginning", "--count", 2, "--format", "table")
        self.assertEqual(len(out.splitlines()), 3)

    def test_from_position_reads_that_log_from_there(self):
        self.publish(self.a, "t", range(5))
        third = self.events(self.a, "t", "--from", "beginning", "--count", 3)[-1]
        found = self.events(self.a, "t", "--from", position(third), "--count", 3)
        self.assertEqual([event["value"] for event in found], [2, 3, 4])

    def test_from_position_tells_what_retention_removed_of_a_topic_since(self):
        config = self.directory / "small.toml"
        config.write_text('[log]\nsegment_bytes = "4MiB"\n')
        b = self.node("b", "--config", config)
        self.publish(b, "kept", ["first"])
        first = self.events(b, "kept", "--from", "beginning", "--count", 1)[0]
        self.weft("topics", "create", "short", "--data", b.data, "--retention-bytes", "64KiB")
        start = lambda: self.weft_json("topics", "describe", "short", "--data", b.data, "--json")["start"]
        self.publish(b, "short", ['"' + secrets.token_hex(100_000) + '"' for _ in range(60)])
        self.eventually(start, "retention removes a segment's events of the topic")
        self.publish(b, "kept", ["last"])

        def read(*options):
            process = self.process("subscribe", ">", "--data", b.data, *options, "--idle", 1)
            return [json.loads(line) for line in process.rest()], process.wait(), process.stderr()

        found, code, told = read("--from", position(first))
        self.assertEqual(code, 0, told)
        self.assertEqual([event["value"] for event in found if event["topic"] == "kept"], ["first", "last"])
        self.assertEqual(min(event["topic_offset"] for event in found if event["topic"] == "short"), start())
        self.assertRegex(told, f"short from {position(first)} to seq [0-9]+ can't be had: .*below its offset {start()}")
        self.assertEqual(read("--from", "beginning"), (found, 0, ""))

    def test_from_time_reads_what_was_logged_since(self):
        self.publish(self.a, "t", range(3))
        self.assertEqual(len(self.events(self.a, "t", "--from", "1h", "--count", 3)), 3)
        self.assertEqual(self.events(self.a, "t", "--from", "2999-01-01T00:00:00Z", "--idle", 0.5), [])

    def test_end_is_the_default_and_sees_what_comes_later(self):
        self.publish(self.a, "t", ["before"])
        consumer = self.process("subscribe", "t", "--data", self.a.data, "--count", 1)
        self.eventually(lambda: self.weft_json("flows", "--json", "--data", self.a.data)["flows"], "the consumer's flow")
        self.publish(self.a, "t", ["after"])
        self.assertEqual([json.loads(line)["value"] for line in consumer.rest()], ["after"])
        self.assertEqual(consumer.wait(), 0)

    def test_idle_ends_with_success(self):
        self.assertEqual(self.run_weft("subscribe", "nothing.here", "--data", self.a.data, "--idle", "0.2")[:2], (0, b""))

    def test_name_goes_on_where_it_stopped(self):
        self.publish(self.a, "t", range(6))
        first = self.events(self.a, "t", "--name", "reader", "--count", 2)
        self.assertEqual([event["value"] for event in first], [0, 1])
        rest = self.events(self.a, "t", "--name", "reader", "--idle", 1)
        self.assertEqual([event["value"] for event in rest], [2, 3, 4, 5])

    def test_where_filters_at_the_source_and_by_value(self):
        rows = [{"id": f"k{n % 3}", "quantity": n} for n in range(12)]
        self.weft("publish", "t", "--data", self.a.data, "--format", "jsonl", "--key-field", "id", "--type", "Sale",
                  stdin="".join(json.dumps(row) + "\n" for row in rows))
        wanted = lambda *conditions: [
            event["value"]["quantity"] for event in self.events(
                self.a, "t", "--from", "beginning", "--idle", 0.7, *(word for c in conditions for word in ("--where", c)))]
        self.assertEqual(wanted("quantity > 9"), [10, 11])
        self.assertEqual(wanted("key = k1"), [1, 4, 7, 10])
        self.assertEqual(wanted("key = k1", "quantity <= 4"), [1, 4])
        self.assertEqual(wanted("type != Sale"), [])

    def test_patterns_choose_topics(self):
        for topic in ("shop.orders", "shop.returns.eu", "other"):
            self.publish(self.a, topic, [topic])
        topics = lambda pattern: [event["topic"] for event in self.events(self.a, pattern, "--from", "beginning", "--idle", 0.7)]
        self.assertEqual(topics("shop.*"), ["shop.orders"])
        self.assertEqual(topics("shop.>"), ["shop.orders", "shop.returns.eu"])
        self.assertEqual(topics(">"), ["shop.orders", "shop.returns.eu", "other"])

    def test_ctrl_c_and_sigterm_end_it_with_success(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.publish(self.a, "t", [number])
            consumer = self.process("subscribe", "t", "--data", self.a.data, "--from", "beginning")
            self.assertIsNotNone(consumer.line())
            consumer.signal(number)
            self.assertEqual(consumer.wait(5), 0)

    def test_a_closed_pipe_ends_it_with_success(self):
        self.publish(self.a, "t", range(5000))
        shell = subprocess.run(["bash", "-c", f"set -o pipefail; '{WEFT}' subscribe t --data '{self.a.data}' --from beginning | head -n 1"],
                               capture_output=True, env=environment(), timeout=60, check=False)
        self.assertEqual(shell.returncode, 0, shell.stderr)
        self.assertEqual(len(shell.stdout.splitlines()), 1)


class ListingTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")

    def test_nodes(self):
        (node,) = self.weft_json("nodes", "--json", "--data", self.a.data)["nodes"]
        self.assertLessEqual({"name", "id", "number", "state", "address", "epoch", "head", "health"}, set(node))
        self.assertEqual((node["name"], node["state"], node["address"]), ("a", "alive", self.a.address))

    def topics(self, *words):
        """All but the mesh's own."""
        listed = self.weft_json(*words, "--json", "--data", self.a.data)["topics"]
        return [topic for topic in listed if not topic["name"].startswith("_weft.")]

    def test_topics(self):
        self.publish(self.a, "t", range(3))
        (topic,) = self.topics("topics")
        self.assertLessEqual({"name", "events", "bytes", "start", "end"}, set(topic))
        self.assertEqual((topic["name"], topic["events"], topic["start"], topic["end"]), ("t", 3, 0, 3))
        self.assertGreater(topic["bytes"], 0)
        self.assertEqual(self.topics("topic", "list"), [topic])

    def test_topics_are_described_created_altered_and_deleted(self):
        made = self.weft_json("topic", "create", "t", "--data", self.a.data, "--json", "--retention-time", "7d", "--codec", "lz4")
        self.assertEqual((made["settings"]["retention_time"], made["settings"]["codec"]), (7 * 86400, "lz4"))
        self.assertEqual(self.run_weft("topic", "create", "t", "--data", self.a.data)[0], 1)
        changed = self.weft_json("topic", "alter", "t", "--data", self.a.data, "--json", "--retention-time", "none")
        self.assertEqual((changed["settings"]["retention_time"], changed["settings"]["codec"]), (None, "lz4"))
        self.assertIn(b"lz4", self.weft("topic", "describe", "t", "--data", self.a.data))
        self.weft("topic", "delete", "t", "--data", self.a.data)
        self.assertEqual(self.topics("topics"), [])
        self.assertEqual(self.run_weft("topic", "describe", "t", "--data", self.a.data)[0], 1)

    def test_flows(self):
        self.publish(self.a, "t", range(3))
        consumer = self.process("subscribe", "t", "--data", self.a.data, "--from", "beginning")
        self.assertIsNotNone(consumer.line())
        (flow,) = self.eventually(lambda: self.weft_json("flows", "--json", "--data", self.a.data)["flows"], "a flow")
        self.assertLessEqual({"from", "to", "pattern", "path", "events_per_s", "bytes_per_s", "credit", "lag_events"}, set(flow))
        self.assertEqual((flow["from"], flow["pattern"]), ("a", "t"))

    def test_links(self):
        self.assertEqual(self.weft_json("links", "--json", "--data", self.a.data)["links"], [])
        b = self.joined(self.a, "b")
        (link,) = self.eventually(lambda: self.weft_json("links", "--json", "--data", b.data)["links"], "b's link with a")
        self.assertLessEqual({"name", "id", "address", "direction", "kind", "round_trip_s", "flows_in", "flows_out", "since"}, set(link))
        self.assertEqual((link["name"], link["direction"], link["flows_in"]), ("a", "out", 0))
        self.publish(self.a, "t", range(3))
        consumer = self.process("subscribe", "t", "--data", b.data)
        self.eventually(lambda: [link for link in self.weft_json("links", "--json", "--data", b.data)["links"] if link["flows_in"] == 1],
                        "a's flow over it")
        self.assertIn(b"out", self.weft("link", "--data", b.data))
        consumer.kill()

    def test_route(self):
        self.publish(self.a, "t.one", range(3))
        (route,) = self.weft_json("route", "t.*", "--json", "--data", self.a.data)["routes"]
        self.assertEqual((route["node"], route["path"], route["cost"], route["next"], route["why"]), ("a", ["a"], 0, None, None))
        self.assertEqual(self.weft_json("route", "other", "--json", "--data", self.a.data)["routes"], [])
        b = self.joined(self.a, "b")
        route = lambda: self.weft_json("route", "t.one", "--json", "--data", b.data)["routes"]
        (route,) = self.eventually(route, "the way to a")
        self.assertEqual((route["node"], route["state"], route["next"], route["path"]), ("a", "alive", "a", ["a", "b"]))
        # Before a's record is known it may have every topic, and the first one may be of before it had this one.
        self.eventually(lambda: b"a > b" in self.weft("route", "t.one", "--data", b.data), "the way to a, for people")
        self.assertEqual(self.run_weft("route", "no topic", "--data", b.data)[0], 1)

    def test_lag(self):
        self.publish(self.a, "t", range(10))
        self.events(self.a, "t", "--name", "reader", "--count", 4)
        lag = lambda: self.weft_json("lag", "--json", "--data", self.a.data)["lag"]
        (row,) = self.eventually(lambda: [row for row in lag() if row["events"] == 6], "a lag of 6 events")
        self.assertLessEqual({"name", "log", "topic", "events", "bytes", "seconds"}, set(row))
        self.assertEqual((row["name"], row["log"], row["topic"]), ("reader", "a", "t"))

    def test_tables_for_people(self):
        self.publish(self.a, "t", range(3))
        for command in ("nodes", "topics", "flows", "links", "lag"):
            self.assertTrue(self.weft(command, "--data", self.a.data).strip(), command)

    def test_watch_goes_on_until_ctrl_c(self):
        watching = self.process("nodes", "--json", "--watch", "--data", self.a.data)
        for _ in range(2):
            self.assertEqual(list(json.loads(watching.line())), ["nodes"])
        watching.signal(signal.SIGINT)
        self.assertEqual(watching.wait(5), 0)


class FileTest(WeftTest):
    def stopped(self):
        node = self.node("a")
        self.publish(node, "t", range(100))
        self.assertEqual(node.stop(), 0)
        return node

    def test_verify_of_a_sound_directory(self):
        node = self.stopped()
        report = self.weft_json("verify", node.data, "--json")
        self.assertGreaterEqual(report["events"], 100)
        self.assertEqual(report["damage"], [])
        self.assertIn(b"no damage", self.weft("verify", node.data))

    def test_verify_finds_a_flipped_bit_with_file_and_offset(self):
        node = self.stopped()
        segment = max(node.data.glob("log/*/*/*.seg"), key=lambda path: path.stat().st_size)
        with segment.open("r+b") as file:
            file.seek(300)
            byte = file.read(1)[0]
            file.seek(300)
            file.write(bytes([byte ^ 4]))
        code, out, _ = self.run_weft("verify", node.data, "--json")
        self.assertEqual(code, 1)
        damage = json.loads(out)["damage"]
        self.assertTrue(damage)
        self.assertEqual(damage[0]["file"].split("/")[-3:], list(segment.parts[-3:]))
        self.assertLessEqual(damage[0]["offset"], 300)

    def test_verify_of_no_directory(self):
        self.assertEqual(self.run_weft("verify", self.directory / "none")[0], 1)
        code, out, err = self.run_weft("verify", self.directory)
        self.assertEqual((code, out), (1, b""))
        self.assertIn("has no log: name a node's data directory", err)

    def test_dump(self):
        node = self.stopped()
        entries = []
        for segment in node.data.glob("log/*/*/*.seg"):
            document = self.weft_json("dump", segment, "--json")
            self.assertLessEqual({"entries", "log", "epoch", "first", "end", "rest", "damage"}, set(document))
            entries += [entry for entry in document["entries"] if entry["topic"] == "t"]
            self.assertIn(b"log ", self.weft("dump", segment))
        self.assertEqual(sum(entry["count"] for entry in entries), 100)
        self.assertLessEqual({"offset", "epoch", "seq", "topic_offset", "appended", "bytes", "codec"}, set(entries[0]))

    def test_dump_of_something_else(self):
        other = self.directory / "other"
        other.write_text("not a segment")
        self.assertEqual(self.run_weft("dump", other)[0], 1)
        self.assertEqual(self.run_weft("dump", self.directory / "none")[0], 1)


class StandardStreamsTest(WeftTest):
    """What the caller closed must not become a socket or a file of the log, and what can't be said must not end what is done."""

    def shell(self, command, **more):
        return subprocess.run(["bash", "-c", command], capture_output=True, env=environment(), timeout=60, check=False, **more)

    def test_a_node_without_any_serves(self):
        data = self.directory / "a"
        node = subprocess.Popen(["bash", "-c", f"exec '{WEFT}' node --name a --data '{data}' <&- >&- 2>&-"], env=environment())
        self.addCleanup(lambda: (node.kill(), node.wait()))
        self.eventually(lambda: node.poll() is not None or self.run_weft("topics", "--data", data)[0] == 0, "the node serves")
        self.assertIsNone(node.poll())
        self.weft("publish", "t", "--data", data, stdin="1\n" * 1000)
        self.assertEqual(self.weft("subscribe", "t", "--data", data, "--from", "beginning", "--count", 1000, "--format", "value"), b"1\n" * 1000)
        node.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(60), 0)

    def test_closed_ones_are_told(self):
        node = self.node("a")
        done = self.shell(f"'{WEFT}' publish t --data '{node.data}' <&-")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot read standard input", done.stderr)
        done = self.shell(f"'{WEFT}' topics --data '{node.data}' >&-")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write to standard output", done.stderr)

    def test_a_stderr_that_takes_nothing_changes_nothing_else(self):
        node = self.node("a")
        done = self.shell(f"'{WEFT}' publish t --json --format jsonl --data '{node.data}' 2>/dev/full", input=b"1\nnope\n3\n")
        self.assertEqual((done.returncode, json.loads(done.stdout)["published"]), (1, 2))
        self.assertEqual(self.shell(f"'{WEFT}' topics --data '{self.directory}/none' 2>/dev/full").returncode, 1)


class UsageTest(WeftTest):
    def test_nearest_command_and_option_are_named(self):
        self.assert_usage_error(["pubish", "t"], "pubish", "'publish'")
        self.assert_usage_error(["publish", "t", "--data", "d", "--fromat", "csv"], "--fromat", "'--format'")

    def test_the_wrong_argument_is_named(self):
        self.assert_usage_error(["subscribe", "t", "--data", "d", "--from", "yesterday"], "--from", "yesterday")
        self.assert_usage_error(["subscribe", "t", "--data", "d", "--where", "quantity"], "--where", "quantity")
        self.assert_usage_error(["subscribe", "t", "--data", "d", "--count", "0"], "--count")
        self.assert_usage_error(["subscribe", "a..b", "--data", "d"], "PATTERN")
        self.assert_usage_error(["publish", "a b", "--data", "d"], "TOPIC")
        self.assert_usage_error(["publish", "t", "--data", "d", "--key-field", "id", "--format", "lines"], "--key-field")
        self.assert_usage_error(["publish", "t", "--data", "d", "--format", "xml"], "--format", "xml")
        self.assert_usage_error(["invite", "No Name", "--data", "d"], "NAME")
        self.assert_usage_error(["topic", "create", "t", "--data", "d", "--retention-time", "soon"], "--retention-time")
        self.assert_usage_error(["bench", "--bytes", "99999999999"], "--bytes")
        self.assert_usage_error(["topics"], "--data", "WEFT_DATA")
        self.assert_usage_error([], "publish")

    def test_no_node_there_says_how_to_start_one(self):
        for command in (["publish", "t"], ["subscribe", "t"], ["topics"], ["nodes"], ["flows"], ["links"], ["route", "t"], ["leave"], ["lag"], ["invite", "b"]):
            code, out, err = self.run_weft(*command, "--data", self.directory / "a")
            self.assertEqual((code, out), (1, b""), command)
            self.assertIn(f"no node runs on {self.directory}/a: start one with `weft node --name a --data {self.directory}/a`", err)
        self.assertEqual(self.node("b").stop(), 0)
        _, _, err = self.run_weft("topics", "--data", self.directory / "b")
        self.assertIn(f"no node runs on {self.directory}/b, which has one's data: start that as it was started before", err)

    def test_a_node_that_stands_still_is_not_taken_for_none(self):
        node = self.node("a")
        node.process.stand_still()
        code, out, err = self.run_weft("topics", "--data", node.data)
        self.assertEqual((code, out), (1, b""))
        self.assertIn("does not answer", err)
        node.process.signal(signal.SIGCONT)
        node.kill()
        self.assertIn("no node runs", self.run_weft("topics", "--data", node.data)[2])

    def test_a_node_of_another_user_is_not_taken_for_none(self):
        node = self.node("a")
        root = os.geteuid() == 0
        if not root:
            os.chmod(node.data / "run", 0)
            self.addCleanup(os.chmod, node.data / "run", 0o700)
        done = subprocess.run([WEFT, "topics", "--data", node.data], capture_output=True, text=True, timeout=60, check=False,
                              env=environment(), **({"user": 65534, "extra_groups": []} if root else {}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("another user's", done.stderr)

    def test_data_comes_from_the_environment(self):
        node = self.node("a")
        done = subprocess.run([WEFT, "nodes", "--json"], env={**os.environ, "WEFT_DATA": str(node.data)}, capture_output=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_command_has_help_with_an_example(self):
        for command in ("node", "invite", "publish", "subscribe", "topics", "topics list", "topics describe", "topics create", "topics alter",
                        "topics delete", "nodes", "flows", "links", "route", "leave", "lag", "verify", "dump", "bench", "demo retail", "help"):
            out = self.weft(*command.split(), "--help").decode()
            self.assertIn("Example", out, command)
            self.assertEqual(self.weft("help", *command.split()).decode(), out, command)

    def test_version(self):
        self.assertRegex(self.weft("--version").decode(), r"^weft \d+\.\d+\.\d+\n$")

    def test_completions_are_the_packaged_ones(self):
        from weft_harness import TOP
        self.assertEqual(self.weft("completions", "bash").decode(), (TOP / "packaging/completions/weft.bash").read_text(),
                         "run: weft completions bash > packaging/completions/weft.bash")

    def test_completions_complete(self):
        script = f"source <('{WEFT}' completions bash); COMP_WORDS=(weft topics cr); COMP_CWORD=2; _weft; echo \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stdout, "create\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
