"""Groups go on at copies while their log's node is killed, stands still or is cut off, and it takes over what they did."""
import json
import signal
import unittest

from groups_test import Crew, GroupTest, Member
from network import Network

TOPIC = "t"
GROUP = "g"


class CopiedGroup(GroupTest):
    def start_all(self):
        """The log's node, and two that have copies of it."""
        owner = self.node("owner")
        holders = [self.joined(owner, name) for name in ("first", "second")]
        self.make_topic(owner, holders, 2)
        return owner, holders

    def make_topic(self, owner, holders, copies):
        self.weft("topics", "create", TOPIC, "--data", owner.data, "--replicas", copies)
        for holder in holders:
            self.eventually(lambda: self.replicas_at(holder) == copies, "the topic's record at a holder")

    def replicas_at(self, node):
        code, out, _ = self.run_weft("topics", "describe", TOPIC, "--data", node.data, "--json")
        return json.loads(out)["settings"]["replicas"] if code == 0 else None

    def put(self, node, count, first=0, copies=2):
        """Publishes numbers that are in all copies when this returns."""
        self.weft("publish", TOPIC, "--data", node.data, "--key-field", "k", "--format", "jsonl", "--ack", f"replicas={copies}", "-",
                  stdin=self.load(count, first))

    def at_copies(self, node, *question):
        """Where groups go on at copies, as a node knows it: by the logs' nodes."""
        found = self.weft_json(*question, "--json", "--data", node.data)["copies"]
        served = {row["log"]: row["served_at"] for row in found}
        self.assertEqual(len(served), len(found), f"one node shares a log out: {found}")
        return served

    def check_served(self, holder):
        """Every listing tells it, for people too."""
        at = self.eventually(lambda: self.at_copies(holder, "groups", "list").get("owner"), "a holder shares the log out")
        for question in (("groups", "describe", GROUP), ("lag",)):
            self.assertEqual(self.at_copies(holder, *question), {"owner": at}, question)
        row, = self.weft_json("groups", "describe", GROUP, "--json", "--data", holder.data)["copies"]
        self.assertGreater(row["since_us"], 0)
        self.assertTrue(row["position"].startswith("owner/"), row)
        text = self.weft("groups", "describe", GROUP, "--data", holder.data).decode()
        self.assertIn("SERVED AT", text)
        return at

    def check_given_back(self, owner, nodes):
        """The log's node shares it out, and no holder has anything left to tell."""
        for node in nodes:
            self.eventually(lambda: self.at_copies(node, "groups", "list", "--local") == {}, f"{node.name} has given it back")
        self.assertNotIn("SERVED AT", self.weft("groups", "describe", GROUP, "--data", owner.data).decode())

    def begin(self, owner, nodes, seen, unseen):
        """Members at these nodes, and events in all copies. They stand still before the second part is published: nearly all of it is handled after they go on."""
        crew = Crew(self)
        for node in nodes:
            crew.add(node)
        self.put(owner, seen)
        crew.await_numbers(1, "before")  # the group has a record, and members at work
        for member in crew.at_work:
            member.process.stand_still()
        self.put(owner, unseen, first=seen)
        return crew

    def go_on(self, crew):
        for member in crew.at_work:
            member.process.signal(signal.SIGCONT)

    def stop_all(self, crew):
        for member in list(crew.at_work):
            self.assertEqual(crew.leave(member, Member.stop), 0, member.process.stderr())

    def finish(self, owner, crew, total):
        crew.await_numbers(total, "at all")
        self.stop_all(crew)
        self.assertEqual(set(crew.numbers()), set(range(total)))
        late = self.events(owner, TOPIC, "--group", GROUP, "--idle", "1")
        self.assertEqual(late, [], "all was acknowledged")

    def lag(self, owner):
        return sum(row["events"] for row in self.weft_json("lag", "--local", "--json", "--data", owner.data)["lag"] if row["name"] == GROUP)

    def repeats(self, owner):
        """Events that the log's node counts as handled twice."""
        found = self.weft_json("groups", "describe", GROUP, "--json", "--local", "--data", owner.data)["repeats"]
        return sum(row["events"] for row in found)


class TakeupTest(CopiedGroup):
    def test_members_go_on_while_the_logs_node_is_killed_in_the_middle_of_their_work(self):
        owner, holders = self.start_all()
        crew = self.begin(owner, holders * 2, seen=2000, unseen=6000)
        owner.kill()
        self.go_on(crew)
        crew.await_numbers(8000, "at a copy")  # all that was acknowledged
        self.check_served(holders[0])
        self.stop_all(crew)
        handled = crew.numbers()

        owner = self.node("owner", listen=owner.address)
        self.check_given_back(owner, holders)
        self.eventually(lambda: self.lag(owner) == 0, "the log's node knows all that was handled at the copy")
        for holder in holders:
            crew.add(holder)
        self.put(owner, 2000, first=8000)
        self.finish(owner, crew, 10_000)
        crew.check_order()
        self.assertEqual({n: times for n, times in crew.numbers().items() if n < 8000}, handled, "nothing of it is handled again")

    def test_the_next_holder_goes_on_when_the_first_one_fails_too(self):
        owner, holders = self.start_all()
        crew = self.begin(owner, holders, seen=1000, unseen=2000)
        owner.kill()
        self.go_on(crew)
        crew.await_numbers(3000, "at the first copy")
        first = self.check_served(holders[0])
        failed = next(holder for holder in holders if holder.name == first)
        other = next(holder for holder in holders if holder.name != first)
        failed.kill()
        self.eventually(lambda: self.at_copies(other, "groups", "list", "--local") == {"owner": other.name}, "the other one shares it out")
        self.node(failed.name, data=failed.data, listen=failed.address)
        owner = self.node("owner", listen=owner.address)
        self.put(owner, 1000, first=3000)
        self.check_given_back(owner, holders)
        self.finish(owner, crew, 4000)  # not in order: what the first copy's node had shared out came again

    def test_members_go_on_while_the_logs_node_stands_still(self):
        owner, holders = self.start_all()
        crew = self.begin(owner, holders, seen=1000, unseen=3000)
        owner.process.stand_still()
        self.go_on(crew)
        crew.await_numbers(4000, "at a copy")
        self.check_served(holders[1])
        owner.process.signal(signal.SIGCONT)
        self.put(owner, 1000, first=4000)
        crew.await_numbers(5000, "after")
        self.check_given_back(owner, holders)
        self.finish(owner, crew, 5000)
        crew.check_order()


class PartedTakeupTest(CopiedGroup):
    def test_each_half_of_a_parted_mesh_goes_on_and_what_both_did_is_counted(self):
        network = Network(self)
        hosts = [network.host(name) for name in "ab"]
        cable = network.cable(*hosts)
        owner = network.node(hosts[0], "owner")
        invitation = self.directory / "holder.invitation"
        invitation.write_bytes(self.weft("invite", "holder", "--data", owner.data))
        holder = network.node(hosts[1], "holder", "--join", invitation)
        self.make_topic(owner, [holder], 1)
        self.weft("groups", "create", GROUP, TOPIC, "--data", owner.data)
        self.put(owner, 500, copies=1)
        self.assertEqual(self.repeats(owner), 0)

        cable.cut()
        crews = []
        for node in (owner, holder):
            crew = Crew(self)
            crew.add(node)
            crews.append(crew)
        for crew in crews:
            crew.await_numbers(500, "in each half")
        self.check_served(holder)

        cable.set()
        self.check_given_back(owner, [holder])
        self.eventually(lambda: self.repeats(owner) == 500, "the log's node knows what came twice")
        text = self.weft("groups", "describe", GROUP, "--data", owner.data).decode()
        self.assertIn("HANDLED TWICE", text)
        self.put(owner, 500, first=500, copies=1)
        together = lambda: sum(len([n for n in crew.numbers() if n >= 500]) for crew in crews)
        self.eventually(lambda: together() == 500, "both go on together")
        for crew in crews:
            self.stop_all(crew)
            crew.check_order()
            self.assertEqual([n for n, times in crew.numbers().items() if times > 1], [], "no member got one twice")


if __name__ == "__main__":
    unittest.main()
