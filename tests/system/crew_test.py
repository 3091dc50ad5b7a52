"""A group of six under load, its members killed, stopped and added, and beside it a service with state that is killed as often: per key
the published order, each event's effect once. Then with one event of a hundred that can't be handled, under each policy for that.
WEFT_CREW_EVENTS says how many events (40000), WEFT_SEED replays who is killed when."""
import collections
import contextlib
import json
import os
import random
import signal
import sqlite3
import unittest

from weft_harness import BINARY_DIR, WeftTest

WORKER = BINARY_DIR / "bin/tests/crew_worker"
COUNTING = BINARY_DIR / "bin/tests/counting_service"
EVENTS = int(os.environ.get("WEFT_CREW_EVENTS", 40_000))
KEYS, MEMBERS, CHANGES = 5000, 6, 12
PATIENCE_S = 60 + EVENTS // 500  # of whole runs


def is_poison(n):
    """As crew_worker.cpp has it."""
    return (n + n // KEYS) % 100 == 0


class Worker:
    """A crew_worker process and what it wrote down."""

    def __init__(self, crew, node):
        self.path = crew.directory / f"journal-{len(crew.all)}"
        self.path.touch()
        self.journal = self.path.open("rb")
        self.handled = []  # (time, number)
        self.process = crew.test.process(node.data, crew.policy, self.path, crew.mended, program=WORKER)
        self.rest = b""

    def read(self):
        *lines, self.rest = (self.rest + self.journal.read()).split(b"\n")
        for line in lines:
            time, number = line.split()
            self.handled.append((int(time), int(number)))


class Crew:
    """All workers that a test ever had, and who of them is at work."""

    def __init__(self, test, policy, nodes):
        self.test, self.policy, self.nodes = test, policy, nodes
        self.directory, self.mended = test.directory, test.directory / "mended"
        self.all, self.at_work, self.killed = [], [], 0
        for n in range(MEMBERS):
            self.add(nodes[n % len(nodes)])

    def add(self, node):
        worker = Worker(self, node)
        self.all.append(worker)
        self.at_work.append(worker)
        self.test.addCleanup(worker.journal.close)
        self.test.assertEqual(worker.process.line(), "ready", worker.process.stderr())

    def change(self, drawn):
        """One leaves, more often killed than not, and another comes."""
        worker = self.at_work.pop(drawn.randrange(len(self.at_work)))
        if drawn.random() < 0.7:
            self.killed += 1
            worker.process.kill()
        else:
            self.stop(worker)
        self.add(drawn.choice(self.nodes))

    def stop(self, worker):
        worker.process.signal(signal.SIGTERM)
        self.test.assertEqual(worker.process.wait(), 0, worker.process.stderr())

    def count(self):
        for worker in self.all:
            worker.read()
        return sum(len(worker.handled) for worker in self.all)

    def handled(self):
        self.count()
        return {number for worker in self.all for _, number in worker.handled}

    def finish(self):
        """Ends all, and returns what was handled, in the order of time."""
        for worker in self.at_work:
            self.stop(worker)
        self.count()
        return [number for _, number in sorted(entry for worker in self.all for entry in worker.handled)]


class CrewTest(WeftTest):
    def start(self, policy):
        seed = int(os.environ.get("WEFT_SEED", random.SystemRandom().randrange(2**32)))
        print(f"WEFT_SEED={seed}", flush=True)
        self.drawn = random.Random(seed)
        self.a = self.node("a")
        self.crew = Crew(self, policy, [self.a, self.joined(self.a, "b")])
        path = self.directory / "inputs.jsonl"
        path.write_text("".join(json.dumps({"k": f"k{n % KEYS}", "n": n}) + "\n" for n in range(EVENTS)))
        self.publisher = self.process("publish", "shop.in", "--data", self.a.data, "--key-field", "k", "--rate", 20_000, path)

    def change_until(self, count, besides=lambda: None):
        """Members go and come while so many events are handled."""
        for change in range(1, CHANGES + 1):
            self.eventually(lambda: self.crew.count() >= change * count // (CHANGES + 1), f"change {change}", PATIENCE_S)
            self.crew.change(self.drawn)
            besides()

    def await_published(self):
        self.assertEqual(self.publisher.wait(PATIENCE_S), 0, self.publisher.stderr())

    def await_processed(self, group="crew"):
        self.eventually(lambda: self.lag(group) == 0, f"{group} is through, lag {self.lag(group)}", PATIENCE_S)

    def lag(self, group):
        rows = self.weft_json("lag", "--json", "--data", self.a.data)["lag"]
        return sum(row["events"] for row in rows if row["name"] == group)

    def check(self, wanted):
        """All of them were handled, and each key's for the first time in the order in which they were published."""
        times = collections.Counter()
        last = {}
        for number in self.crew.finish():
            times[number] += 1
            if times[number] == 1:
                self.assertLess(last.get(number % KEYS, -1), number, "overtook an earlier one of its key")
                last[number % KEYS] = number
        pids = [worker.process.popen.pid for worker in self.crew.all]
        print(f"pids {pids}, {self.crew.killed} of them killed: {EVENTS} events on {KEYS} keys, {len(times)} handled, "
              f"{sum(times.values()) - len(times)} repeated", flush=True)
        for what, some in ("left out", wanted - set(times)), ("not wanted", set(times) - wanted):
            self.assertFalse(some, f"{len(some)} {what}: {sorted(some)[:20]}")

    @staticmethod
    def before_poison():
        """How many events stand before the first of their key that is poison."""
        blocked, count = set(), 0
        for n in range(EVENTS):
            if is_poison(n):
                blocked.add(n % KEYS)
            count += n % KEYS not in blocked
        return count


class KilledCrewTest(CrewTest):
    def test_order_per_key_and_each_effect_once(self):
        self.start("block")
        self.crew.mended.touch()
        kills = []

        def counting():
            service = self.process(self.a.data, self.directory / "state", 2, program=COUNTING)
            self.assertEqual(service.line(), "ready", service.stderr())
            return service

        service = counting()

        def kill_service():
            nonlocal service
            service.kill()
            kills.append(service.popen.pid)
            service = counting()

        self.change_until(EVENTS, kill_service)
        self.await_published()
        self.await_processed()
        self.await_processed("counting")
        self.check(set(range(EVENTS)))
        due = len(range(0, EVENTS, 10))
        late = self.events(self.a, "shop.late", "--from", "beginning", "--count", due, timeout=PATIENCE_S)
        outputs = self.events(self.a, "shop.out", "--from", "beginning", "--count", EVENTS, timeout=PATIENCE_S)
        service.signal(signal.SIGTERM)
        self.assertEqual(service.wait(), 0, service.stderr())
        print(f"service killed {len(kills)} times, pids {kills}: {len(outputs)} outputs, {len(late)} timers", flush=True)
        with contextlib.closing(sqlite3.connect(self.directory / "state/state.db")) as state:
            for table, numbers in (("totals", range(EVENTS)), ("late", range(0, EVENTS, 10))):
                kept = {key.decode(): json.loads(value) for key, value in state.execute("SELECT key, value FROM state WHERE tab = ?", (table,))}
                wanted = {}
                for n in numbers:
                    count, total = wanted.get(f"k{n % KEYS}", (0, 0))
                    wanted[f"k{n % KEYS}"] = count + 1, total + n
                self.assertEqual({k: (total["count"], total["sum"]) for k, total in kept.items()}, wanted, table)
            self.assertEqual(state.execute("SELECT (SELECT count(*) FROM timers), (SELECT count(*) FROM outbox)").fetchone(), (0, 0))
        for of in (outputs, late):
            causes = {output["headers"]["weft-caused-by"] for output in of}
            self.assertEqual(len(causes), len(of), "one of each input")
            counts = collections.Counter()
            for output in of:
                value = output["value"]
                counts[value["k"]] += 1
                self.assertEqual(value["count"], counts[value["k"]], "in order")


class PoisonTest(CrewTest):
    def test_blocked_keys_wait_until_their_cause_is_mended(self):
        self.start("block")
        self.change_until(self.before_poison() // 5)  # what waits fills windows
        self.crew.mended.touch()
        self.await_published()
        self.await_processed()
        self.check(set(range(EVENTS)))

    def test_parked_keys_wait_in_order_and_all_others_go_on(self):
        self.start("park")
        self.change_until(self.before_poison() * 3 // 4)
        self.await_published()
        self.await_processed()
        kept = self.events(self.a, "_weft.parked.crew", "--from", "beginning", "--idle", "10", timeout=PATIENCE_S)
        parked = {event["value"]["n"] for event in kept}
        poison = {n for n in range(EVENTS) if is_poison(n)}
        self.assertLessEqual(poison, parked)
        poisoned = {n % KEYS for n in poison}
        print(f"{len(parked)} events parked, of {len(poisoned)} keys that failed", flush=True)
        self.assertEqual({n % KEYS for n in parked} - poisoned, set(), "no other key is parked")
        self.assertEqual(set(range(EVENTS)) - self.crew.handled() - parked, set())
        self.crew.mended.touch()
        self.weft("groups", "unpark", "crew", "--all", "--data", self.a.data, timeout=PATIENCE_S)
        self.eventually(lambda: not self.weft_json("groups", "parked", "crew", "--json", "--data", self.a.data)["total"], "nothing is parked", PATIENCE_S)
        self.eventually(lambda: len(self.crew.handled()) == EVENTS, "all were handled", PATIENCE_S)
        self.check(set(range(EVENTS)))

    def test_skipped_events_are_the_only_ones_left_out(self):
        self.start("skip")
        self.change_until(EVENTS - EVENTS // 100)
        self.await_published()
        self.await_processed()
        self.check({n for n in range(EVENTS) if not is_poison(n)})

    def test_dead_letters_are_all_that_failed_and_are_handled_when_they_are_replayed(self):
        self.start("dead_letter")
        self.change_until(EVENTS - EVENTS // 100)
        self.await_published()
        self.await_processed()
        poison = {n for n in range(EVENTS) if is_poison(n)}
        count = self.weft_json("dead-letters", "list", "crew", "--json", "--data", self.a.data)["total"]
        letters = self.events(self.a, "_weft.dead-letters.crew", "--from", "beginning", "--count", count, timeout=PATIENCE_S)
        self.assertEqual({letter["value"]["n"] for letter in letters}, poison)
        self.assertEqual(len({letter["headers"]["weft-position"] for letter in letters}), len(poison))
        handled = self.crew.count()
        self.crew.mended.touch()
        self.weft("dead-letters", "replay", "crew", "--all", "--data", self.a.data, timeout=PATIENCE_S)
        self.eventually(lambda: self.crew.count() >= handled + len(poison), "the letters are handled", PATIENCE_S)
        self.await_processed()
        times = collections.Counter(self.crew.finish())
        self.assertEqual(set(times), set(range(EVENTS)))
        print(f"{len(poison)} letters, {sum(times.values()) - EVENTS} repeated", flush=True)


if __name__ == "__main__":
    unittest.main()
