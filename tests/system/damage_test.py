"""Each file of a data directory is emptied, cut and removed in turn: the node serves everything, or serves the rest and says what it can't,
or refuses and names the file and the remedy. It never harms other files, and a file that is put back makes all good."""
import itertools
import json
import os
import shutil
import unittest

from weft_harness import ANY_PORT, Node, WeftTest

EACH = 20  # events of an epoch
EPOCHS = 3


def emptied(path):
    os.truncate(path, 0)


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def removed(path):
    path.unlink()


def files_of(directory):
    """Path below the directory -> content."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


class DamageTest(WeftTest):
    """T06"""

    def setUp(self):
        super().setUp()
        self.config = self.directory / "small.toml"
        # Positions are counted: a node on a busy machine would publish its telemetry between them.
        self.config.write_text('[log]\nsegment_bytes = "4MiB"\n[telemetry]\nevery = "0s"\n')
        self.lost_nothing = [f"{epoch}.{number}" for epoch in range(EPOCHS) for number in range(EACH)]

    def start(self, name, *options, data=None):
        return Node(self, name, data or self.directory / name, "--listen", ANY_PORT, "--config", self.config, *options)

    def filled(self, node):
        """Three epochs, each with a segment and an index."""
        for epoch in range(EPOCHS):
            self.publish(node, "t", [json.dumps(f"{epoch}.{number}") for number in range(EACH)])
            self.assertEqual(node.stop(), 0)
            if epoch + 1 < EPOCHS:
                node = self.start(node.name)
        return node

    def each_damage(self, node, pattern, check, damages=(emptied, cut, removed)):
        """Checks a copy of the directory for each file that fits and each damage: check(copy, damaged file, the file as it was)."""
        found = sorted(node.data.glob(pattern))
        self.assertTrue(found, pattern)
        for file in found:
            for damage in damages:
                copy = self.directory / "copy" / node.name
                shutil.copytree(node.data, copy, ignore=shutil.ignore_patterns("*.sock"))
                path = copy / file.relative_to(node.data)
                damage(path)
                with self.subTest(file=str(path.relative_to(copy)), how=damage.__name__):
                    check(copy, path, file)
                shutil.rmtree(copy.parent)

    def values(self, data):
        """All that is there, up to a new event, and what the consumer was told."""
        self.weft("publish", "t", "--data", data, stdin='"new"\n')
        consumer = self.process("subscribe", "t", "--data", data, "--from", "beginning")
        events = []
        while not events or events[-1]["value"] != "new":
            events.append(json.loads(consumer.line()))
        consumer.close()
        seqs = [event["seq"] for event in events]
        self.assertEqual(seqs, sorted(set(seqs)))
        self.assertEqual(seqs[-1], EPOCHS * EACH)  # a seq that was used is not used again
        return [event["value"] for event in events[:-1]], consumer.stderr()

    def serves_everything(self, name, data):
        """@returns what the node said"""
        node = self.start(name, data=data)
        self.assertEqual(self.values(data)[0], self.lost_nothing)
        self.assertEqual(node.stop(), 0)
        return node.process.stderr()

    def refuses(self, name, data, path, *words):
        """The node does not start, says why and what to do, and leaves everything as it was."""
        before = files_of(data)
        code, out, err = self.run_weft("node", "--name", name, "--data", data, *words)
        self.assertEqual((code, out), (1, b""), err)
        self.assertIn(str(path), err)
        self.assertIn("restore", err)
        after = files_of(data)
        for files in before, after:
            files.pop("lock", None)  # it says who looked last
        self.assertEqual(after, before)

    def test_segment(self):
        node = self.filled(self.start("a"))

        def check(data, path, whole):
            segments = lambda: {name: content for name, content in files_of(data).items() if name.endswith(".seg")}
            others = {name: content for name, content in segments().items() if name != str(path.relative_to(data))}
            node = self.start("a", data=data)
            self.assertIn(f"{path} is damaged", node.process.stderr())
            found, told = self.values(data)
            self.assertEqual(node.stop(), 0)
            self.assertEqual(found, [value for value in self.lost_nothing if value in found])
            epoch = int(path.parent.name.split("-")[0]) - 1
            self.assertEqual({value.split(".")[0] for value in self.lost_nothing if value not in found}, {str(epoch)})
            self.assertIn("can't be had", told)
            self.assertLessEqual(others.items(), segments().items())
            code, out, _ = self.run_weft("verify", data, "--json")
            self.assertEqual((code, {item["file"] for item in json.loads(out)["damage"]}), (1, {str(path)}))
            shutil.copy2(whole, path)
            node = self.start("a", data=data)
            healed = self.events(node, "t", "--from", "beginning", "--count", len(self.lost_nothing) + 1)
            self.assertEqual([event["value"] for event in healed], [*self.lost_nothing, "new"])
            self.assertNotIn("damaged", node.process.stderr())
            node.stop()

        self.each_damage(node, "log/*/*/*.seg", check)

    def test_index_spare_and_lock_cost_nothing(self):
        node = self.filled(self.start("a"))
        for pattern in ("log/*/*/*.idx", "log/*/*/*.zero", "lock"):
            self.each_damage(node, pattern, lambda data, *_: self.assertNotIn("error", self.serves_everything("a", data)))

    def test_catalog_is_set_aside_and_made_anew(self):
        def check(data, path, _):
            damaged = path.read_bytes() if path.exists() else None
            self.serves_everything("a", data)
            if damaged is not None:
                self.assertEqual((data / "catalog.damaged-1").read_bytes(), damaged)

        self.each_damage(self.filled(self.start("a")), "catalog.db", check)

    def test_catalog_of_a_killed_node(self):
        self.filled(self.start("a"))
        node = self.start("a")
        self.weft("topic", "create", "u", "--data", node.data)
        node.kill()
        for pattern in ("catalog.db", "catalog.db-wal"):
            self.each_damage(node, pattern, lambda data, *_: self.serves_everything("a", data))

    def test_keys(self):
        node = self.filled(self.start("a"))
        self.each_damage(node, "keys/node.keys", lambda data, path, _: self.refuses("a", data, path))
        self.each_damage(node, "keys/root.key", lambda data, path, _: self.refuses("a", data, path), (emptied, cut))

        def certificate(data, path, whole):
            self.refuses("a", data, path)
            shutil.copy2(whole, path)
            self.serves_everything("a", data)

        self.each_damage(node, "keys/certificate", certificate, (emptied, cut))

        def all_of_them(data, path, _):  # a new identity would leave the log behind without a word
            for other in path.parent.iterdir():
                other.unlink()
            self.refuses("a", data, path)

        self.each_damage(node, "keys/node.keys", all_of_them, (removed,))

    def test_certificate_of_a_founder_is_made_anew_in_the_same_mesh(self):
        node = self.start("a")
        mesh = node.process.stderr().split("a mesh of its own, ")[1].split(";")[0]
        self.each_damage(self.filled(node), "keys/certificate",
                         lambda data, *_: self.assertIn(mesh, self.serves_everything("a", data)), (removed,))

    def test_certificate_and_seeds_of_a_member(self):
        a = self.start("a")
        invitation = self.directory / "b.invitation"
        known = lambda data: {item["name"] for item in self.weft_json("nodes", "--json", "--data", data)["nodes"]}

        names = (f"b{number}" for number in itertools.count())

        def invite(name):
            invitation.write_bytes(self.weft("invite", name, "--data", a.data))

        def fresh_name():
            name = next(names)
            invite(name)
            return name

        def certificate(data, path, _):
            self.refuses("b", data, path.parent)  # and founds no mesh of its own, which nobody asked for
            path.unlink(missing_ok=True)
            joins_again(data, fresh_name())

        def seeds(data, path, _):
            self.refuses("b", data, path)
            fresh_name()
            joins_again(data, "b")

        def joins_again(data, name):
            again = self.start(name, "--join", invitation, data=data)
            self.assertEqual(self.values(data)[0], self.lost_nothing)
            self.eventually(lambda: {"a", name} <= known(data), "it is in its mesh")
            again.stop()

        invite("b")
        node = self.filled(self.start("b", "--join", invitation))
        self.each_damage(node, "keys/certificate", certificate)
        self.each_damage(node, "keys/seeds.json", seeds)

    def test_an_older_log_beside_the_catalog_uses_no_position_again_and_lag_of_others_is_still_told(self):
        node = self.start("a")
        self.publish(node, "t", range(EACH))
        self.events(node, "t", "--name", "early", "--count", EACH)
        self.assertEqual(node.stop(), 0)
        shutil.copytree(node.data / "log", self.directory / "backup")
        for again in (False, True):
            node = self.start("a")
            self.publish(node, "t", range(EACH))
            late = self.events(node, "t", "--name", "late", "--count", EACH if again else 2 * EACH)
            self.assertEqual(node.stop(), 0)
        shutil.rmtree(node.data / "log")
        shutil.copytree(self.directory / "backup", node.data / "log")
        node = self.start("a")
        result = self.publish(node, "t", [1])
        count = lambda text: int(text.split("-")[0])
        self.assertGreater(count(result["first"].split("/")[1]), count(late[-1]["epoch"]))
        rows = {row["name"]: row for row in self.weft_json("lag", "--json", "--data", node.data)["lag"]}
        self.assertEqual({name: row["events"] for name, row in rows.items()}, {"early": 1, "late": None})
        self.assertIsNone(rows["early"]["problem"])
        self.assertIn(rows["late"]["position"].split("/")[1], rows["late"]["problem"])


if __name__ == "__main__":
    unittest.main()
