"""Contracts from the command line: added, kept, checked, and seen by who publishes and who reads."""
import json
import subprocess

from weft_harness import WeftTest

SCHEMA = "namespace shop;\ntable Order { id:string (required); quantity:int; }\nroot_type Order;\n"
GOOD = '{"id":"A1","quantity":2}'
BAD = '{"id":"A2","quantity":0}'


class ContractsTest(WeftTest):
    def setUp(self):
        super().setUp()
        self.a = self.node("a")

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def add(self, schema=SCHEMA, *options, rules="quantity > 0\n"):
        return self.weft_json("contracts", "add", "orders", self.file("order.fbs", schema), "--rules", self.file("order.rules", rules),
                              "--data", self.a.data, "--json", *options)

    def table(self, value):
        """The value as a FlatBuffers table, made by flatc."""
        self.file("order.fbs", SCHEMA)
        self.file("value.json", value)
        subprocess.run(["flatc", "--binary", "order.fbs", "value.json"], cwd=self.directory, check=True, stdout=subprocess.DEVNULL)
        return (self.directory / "value.bin").read_bytes()

    def test_a_bad_event_is_refused_and_the_publisher_told_which_field(self):
        self.add()
        self.publish(self.a, "orders", [GOOD])
        code, _, err = self.run_weft("publish", "orders", "--data", self.a.data, stdin=BAD + "\n")
        self.assertEqual(code, 1)
        self.assertIn("topic orders, event 1 of 1: the field quantity is 0: the contract's rule is quantity > 0", err)
        code, _, err = self.run_weft("publish", "orders", "--data", self.a.data, stdin='{"id":"A3","qantity":1}\n')
        self.assertEqual(code, 1)
        self.assertIn("the value has the field qantity, which shop.Order does not have: it has id, quantity", err)
        (event,) = self.events(self.a, "orders", "--from", "beginning", "--count", 1)
        self.assertEqual(event["value"], {"id": "A1", "quantity": 2})

    def test_events_name_their_contract_and_their_type(self):
        added = self.add()
        self.publish(self.a, "orders", [GOOD])
        (event,) = self.events(self.a, "orders", "--from", "beginning", "--count", 1)
        self.assertEqual((event["contract"], event["type"]), (added["id"], "shop.Order"))
        shown = self.weft("contracts", "show", event["contract"], "--data", self.a.data).decode()
        self.assertIn(SCHEMA, shown)
        self.assertIn("// rules\nquantity > 0\n", shown)

    def test_tables_are_shown_as_json(self):
        self.add()
        table = self.table(GOOD)
        self.assertNotIn(b"\n", table)
        self.weft("publish", "orders", "--data", self.a.data, "--format", "lines", stdin=table + b"\n")
        (event,) = self.events(self.a, "orders", "--from", "beginning", "--count", 1)
        self.assertEqual(event["value"], {"id": "A1", "quantity": 2})
        bad = self.table('{"id":"A2","quantity":-5}')
        code, _, err = self.run_weft("publish", "orders", "--data", self.a.data, "--format", "lines", stdin=bad + b"\n")
        self.assertEqual(code, 1)
        self.assertIn("the field quantity is -5", err)

    def test_bad_events_are_kept_aside_on_demand(self):
        self.add(SCHEMA, "--on-broken", "quarantine")
        self.publish(self.a, "orders", [GOOD, BAD, GOOD])
        self.assertEqual(len(self.events(self.a, "orders", "--from", "beginning", "--count", 2)), 2)
        (aside,) = self.events(self.a, "_weft.quarantine.orders", "--from", "beginning", "--count", 1)
        self.assertEqual(aside["value"], json.loads(BAD))
        self.assertEqual(aside["headers"]["weft-topic"], "orders")
        self.assertEqual(aside["headers"]["weft-cause"], "the field quantity is 0: the contract's rule is quantity > 0")

    def test_a_version_that_breaks_readers_is_refused(self):
        first = self.add()
        code, _, err = self.run_weft("contracts", "add", "orders", self.file("next.fbs", SCHEMA.replace("quantity", "amount")), "--data",
                                     self.a.data)
        self.assertEqual(code, 1)
        self.assertIn("the field shop.Order.quantity is gone and amount has its id 1", err)
        second = self.add(SCHEMA.replace("quantity:int;", "quantity:int; note:string;"))
        listed = self.weft_json("contracts", "--data", self.a.data, "--json")["contracts"]
        self.assertEqual([(row["id"], row["holds"]) for row in listed], [(first["id"], False), (second["id"], True)])

    def test_values_are_checked_without_publishing(self):
        self.add()
        values = self.file("orders.jsonl", f"{GOOD}\n{BAD}\n\nno\n")
        code, out, err = self.run_weft("contracts", "check", "orders", values, "--data", self.a.data)
        self.assertEqual((code, out), (1, b"1 of 3 values are as the contract says\n"))
        self.assertIn("orders.jsonl line 2: the field quantity is 0", err)
        self.assertIn("orders.jsonl line 4: the value is not JSON", err)
        table = self.directory / "table.bin"
        table.write_bytes(self.table(GOOD))
        self.assertEqual(self.weft("contracts", "check", "orders", table, "--data", self.a.data),
                         b"1 of 1 values are as the contract says\n")

    def test_a_contract_is_removed(self):
        self.add()
        self.weft("contracts", "remove", "orders", "--data", self.a.data)
        self.publish(self.a, "orders", ["anything"])
        code, _, err = self.run_weft("contracts", "remove", "orders", "--data", self.a.data)
        self.assertEqual(code, 1)
        self.assertIn("topic orders has no contract", err)

    def test_a_contract_of_another_node_holds_here(self):
        added = self.add()
        b = self.joined(self.a, "b")
        self.eventually(lambda: self.run_weft("contracts", "show", "orders", "--data", b.data)[0] == 0, "b knows the contract")
        code, _, err = self.run_weft("publish", "orders", "--data", b.data, stdin=BAD + "\n")
        self.assertEqual(code, 1)
        self.assertIn("the field quantity is 0", err)
        self.publish(b, "orders", [GOOD])
        (event,) = self.events(self.a, "orders", "--from", "beginning", "--count", 1)
        self.assertEqual((event["node"], event["contract"]), ("b", added["id"]))
