"""What a node's log lost: an older backup is put in its place, or its disk is gone, or a part of it can't be read. No position is used twice,
consumers notice nothing, and all of it comes back from the copies, byte by byte.

WEFT_KILL_ROUNDS says how often the node dies while its log comes back (2); WEFT_SEED replays the moments."""
import json
import os
import pathlib
import random
import shutil
import threading
import time
import unittest

from replicas_test import TOPIC, entries
from weft_harness import WeftTest, place

ROUNDS = int(os.environ.get("WEFT_KILL_ROUNDS", 2))
SEED = int(os.environ.get("WEFT_SEED", time.time_ns() % 2**32))


def count_of(epoch):
    return int(epoch.split("-")[0])


class BackTest(WeftTest):
    """T04, T16, T17"""

    def setUp(self):
        super().setUp()
        self.owner = self.node("owner")
        self.holders = [self.joined(self.owner, name) for name in ("first", "second")]
        self.weft("topics", "create", TOPIC, "--data", self.owner.data, "--replicas", 2)
        nodes = self.weft_json("nodes", "--json", "--data", self.owner.data)["nodes"]
        self.log = next(one["id"] for one in nodes if one["name"] == "owner") + ".0"
        self.published = 0
        self.filler = ""

    def number(self, value):
        return value[0] if isinstance(value, list) else value

    def publish_more(self, count):
        """At two copies. @returns the first one's epoch and seq"""
        numbers = range(self.published, self.published + count)
        values = [json.dumps([one, self.filler]) for one in numbers] if self.filler else numbers
        self.published += count
        result = self.publish(self.owner, TOPIC, values, "--ack", "replicas=2")
        self.assertEqual(result["published"], count)
        _, epoch, seq = result["first"].split("/")
        return epoch, int(seq)

    def restart(self):
        self.assertEqual(self.owner.stop(), 0)
        self.owner = self.node("owner", data=self.owner.data)

    def back_up(self):
        """Of the owner, which runs again then."""
        self.assertEqual(self.owner.stop(), 0)
        shutil.copytree(self.owner.data, self.directory / "backup", ignore=shutil.ignore_patterns("*.sock"))
        self.owner = self.node("owner", data=self.owner.data)

    def put_back(self):
        shutil.rmtree(self.owner.data)
        shutil.copytree(self.directory / "backup", self.owner.data)
        self.owner = self.node("owner", data=self.owner.data)

    def consumer(self, node, count):
        return self.process("subscribe", TOPIC, "--data", node.data, "--from", "beginning", "--count", count)

    def check_consumer(self, consumer):
        """It got everything once, in order, and was told of no loss."""
        events = [json.loads(line) for line in consumer.rest()]
        self.assertEqual(consumer.wait(), 0, consumer.stderr())
        self.assertEqual([event["value"] for event in events], list(range(self.published)))
        self.assertEqual(len({place(event) for event in events}), self.published)

    def stop_holders(self):
        """@returns what each has of the owner's log"""
        for holder in self.holders:
            self.assertEqual(holder.stop(), 0, holder.process.stderr())
            self.weft("verify", holder.data)
        return [entries(self, holder.data, self.log) for holder in self.holders]

    def test_an_older_backup_of_the_owner(self):
        epochs = [self.publish_more(100)[0]]
        self.back_up()
        consumers = [self.consumer(node, 500) for node in self.holders]
        epochs.append(self.publish_more(100)[0])
        self.restart()
        epochs.append(self.publish_more(100)[0])
        self.assertEqual(self.owner.stop(), 0)
        known = entries(self, self.owner.data, self.log)
        self.put_back()
        self.eventually(lambda: "the log goes on in" in self.owner.process.stderr(), "the log hears of an epoch above")
        epoch, _ = self.publish_more(100)
        self.assertGreater(count_of(epoch), max(count_of(one) for one in epochs))
        self.restart()
        self.assertGreater(count_of(self.publish_more(100)[0]), count_of(epoch))
        for consumer in consumers:
            self.check_consumer(consumer)
        self.eventually(lambda: self.values_at_owner() == list(range(self.published)), "what was lost came back")
        for copy in self.stop_holders():
            mine = {at: one for at, one in known.items() if one[0] == TOPIC}
            self.assertLessEqual(mine.items(), copy.items())  # nothing is overwritten

    def test_a_lost_disk(self):
        """The log is gone, the identity is not. While it comes back the node dies a few times."""
        chance = random.Random(SEED)
        print(f"seed {SEED}")
        self.publish_more(100)
        self.restart()
        self.filler = "x" * 2000
        self.publish_more(20_000)
        self.filler = ""
        self.restart()
        self.publish_more(100)
        self.assertEqual(self.owner.stop(), 0)
        known = entries(self, self.owner.data, self.log)
        shutil.rmtree(self.owner.data / "log")
        for _ in range(ROUNDS):
            self.owner = self.node("owner", data=self.owner.data)
            threading.Event().wait(0.5 + 3 * chance.random())
            self.owner.kill()
        self.owner = self.node("owner", data=self.owner.data)
        self.publish_more(100)
        self.eventually(lambda: self.values_at_owner() == list(range(self.published)), "all of it came back")
        self.assertEqual(self.owner.stop(), 0)
        self.weft("verify", self.owner.data)
        self.assertLessEqual({at: one for at, one in known.items() if one[0] == TOPIC}.items(),
                             entries(self, self.owner.data, self.log).items())

    def test_a_lost_disk_with_its_catalog(self):
        """What comes back is known by its name, and a new topic does not get its number. A node that joined finds its mesh again."""
        lost = self.holders[0]
        values = list(range(1000))
        self.assertEqual(self.publish(lost, TOPIC, values, "--ack", "replicas=2")["published"], len(values))
        lost.kill()
        shutil.rmtree(lost.data / "log")
        for file in lost.data.glob("catalog*"):
            file.unlink()
        lost = self.holders[0] = self.node("first", data=lost.data)
        self.eventually(lambda: "came back" in lost.process.stderr(), "its log comes back")
        self.publish(lost, "later", ["new"])
        for node in (self.owner, *self.holders):
            events = self.events(node, TOPIC, "--from", "beginning", "--count", len(values))
            self.assertEqual([event["value"] for event in events], values)
            self.assertEqual([event["value"] for event in self.events(node, "later", "--from", "beginning", "--count", 1)], ["new"])
        topics = {topic["name"]: topic for topic in self.weft_json("topics", "--json", "--data", lost.data)["topics"]}
        self.assertEqual({name: topics[name]["events"] for name in (TOPIC, "later")}, {TOPIC: len(values), "later": 1})
        self.assertEqual(topics[TOPIC]["settings"]["replicas"], 2)

    def values_at_owner(self):
        """Of what is there now, without waiting for more."""
        code, out, _ = self.run_weft("subscribe", TOPIC, "--data", self.owner.data, "--from", "beginning", "--idle", 1)
        return [self.number(json.loads(line)["value"]) for line in out.splitlines()]

    def test_damage_in_the_middle_of_the_log(self):
        self.publish_more(1000)
        self.restart()
        self.publish_more(100)
        self.assertEqual(self.owner.stop(), 0)
        known = entries(self, self.owner.data, self.log)
        self.flip(self.owner)
        for dies in (True, False):
            self.owner = self.node("owner", data=self.owner.data)
            self.values_at_owner()  # a reader meets it
            self.eventually(lambda: "came back" in self.owner.process.stderr() or not dies, "it is repaired")
            if dies:
                self.owner.kill()
        self.eventually(lambda: self.values_at_owner() == list(range(self.published)), "all can be read")
        self.assertEqual(self.owner.stop(), 0)
        self.weft("verify", self.owner.data)
        found = entries(self, self.owner.data, self.log)
        self.assertLessEqual(known.items(), found.items())

    def test_the_first_reader_of_what_is_damaged_waits_for_the_copies(self):
        self.publish_more(1000)
        self.restart()
        self.publish_more(100)
        self.assertEqual(self.owner.stop(), 0)
        self.flip(self.owner)
        self.owner = self.node("owner", data=self.owner.data)
        reader = self.process("subscribe", TOPIC, "--data", self.owner.data, "--name", "audit", "--count", self.published)
        self.check_consumer(reader)
        self.assertIn("came back", self.owner.process.stderr())

    def test_damage_in_the_middle_of_a_copy(self):
        """It is repaired from the other copy while the log's node is away; the holder dies meanwhile a few times."""
        chance = random.Random(SEED)
        print(f"seed {SEED}")
        self.publish_more(1000)
        self.restart()
        self.publish_more(100)
        holder, other = self.holders
        self.assertEqual(holder.stop(), 0)
        known = entries(self, holder.data, self.log)
        self.flip(holder)
        self.owner.kill()
        for _ in range(ROUNDS):
            holder = self.holders[0] = self.node("first", data=holder.data)
            self.consumer(holder, self.published)  # it meets the damage
            threading.Event().wait(0.3 * chance.random())
            holder.kill()
        holder = self.holders[0] = self.node("first", data=holder.data)
        found = self.events(holder, TOPIC, "--from", "beginning", "--count", self.published)
        self.assertEqual([event["value"] for event in found], list(range(self.published)))
        self.eventually(lambda: self.run_weft("verify", holder.data)[0] == 0, "the copy is repaired")
        self.assertEqual(holder.stop(), 0)
        self.weft("verify", holder.data)
        self.assertEqual(entries(self, holder.data, self.log), known)

    def flip(self, node):
        """Bits in the middle of the owner's log's first segment; the node does not run."""
        path = sorted(pathlib.Path(node.data).glob(f"log/{self.log}/*/*.seg"))[0]
        dumped = [one for one in json.loads(self.run_weft("dump", path, "--json")[1])["entries"] if one["topic"] == TOPIC]
        entry = dumped[len(dumped) // 2]
        with path.open("r+b") as file:
            file.seek(entry["offset"] + entry["bytes"] // 2)
            bytes_there = file.read(4)
            file.seek(-4, os.SEEK_CUR)
            file.write(bytes(one ^ 0xFF for one in bytes_there))
        self.assertEqual(self.run_weft("verify", node.data)[0], 1)


if __name__ == "__main__":
    unittest.main()
