"""What tests of retention share: a node whose log has small files, and topics with so many MiB of numbered lines."""
from weft_harness import WeftTest

MIB = 1 << 20
LINE = 64 << 10


class RetentionTest(WeftTest):
    config = ""

    def start(self, **more):
        path = self.directory / "node.toml"
        path.write_text(self.config)
        return self.node("a", "--config", path, **more)

    def fill(self, node, topic, mib, first=0):
        """Publishes lines that begin with their number."""
        count = mib * MIB // LINE
        lines = (f"{n} ".ljust(LINE - 1, ".") for n in range(first, first + count))
        self.assertEqual(self.publish(node, topic, lines)["published"], count)
        return count

    def topic(self, node, name):
        return self.weft_json("topics", "describe", name, "--data", node.data, "--json")
