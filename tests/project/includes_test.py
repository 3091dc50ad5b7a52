"""The tree keeps its include direction, and each kind of violation is found in a tree made for it."""
import pathlib
import tempfile
import unittest
from unittest import mock

import check_includes
import tree


def found(files):
    """What the check says about a tree of these files (path -> its include lines)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, includes in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("// a file\n" + "".join(f"#include {include}\n" for include in includes))
        return list(check_includes.violations(folder))


class Includes(unittest.TestCase):
    def test_tree_points_inward(self):
        self.assertEqual(list(check_includes.violations(tree.TOP)), [])

    def test_rules_have_no_circle(self):
        self.assertIsNone(check_includes.cycle())

    def test_a_circle_in_the_rules_is_found(self):
        with mock.patch.dict(check_includes.MESH, {"mesh/base": ["mesh/wire"]}):
            self.assertIsNotNone(check_includes.cycle())

    def test_what_points_inward_passes(self):
        self.assertEqual(found({
            "mesh/base/result.hpp": ["<string>", "<tl/expected.hpp>"],
            "mesh/base/result.cpp": ["<fmt/format.h>"],
            "mesh/log/log.hpp": ['"mesh/base/result.hpp"', '"mesh/wire/batch.hpp"', '"mesh/log/segment.hpp"'],
            "mesh/node/node.cpp": ['"mesh/transport/transport.hpp"'],
            "mesh/transport/sockets.cpp": ["<zmq.hpp>", "<sodium.h>"],
            "mesh/catalog/catalog.cpp": ["<sqlite3.h>"],
            "actors/keeper.cpp": ["<caf/all.hpp>", '"mesh/node/node.hpp"'],
            "sdk/include/weft/weft.hpp": ["<weft/node.hpp>", '"mesh/base/result.hpp"', "<tl/expected.hpp>", "<chrono>",
                                          "<flatbuffers/flatbuffers.h>"],
            "sdk/src/node.cpp": ['"actors/keeper.hpp"', "<nlohmann/json.hpp>"],
            "samples/quickstart/main.cpp": ["<weft/weft.hpp>"],
            "tests/mesh/log/log_test.cpp": ['"mesh/log/log.hpp"', "<gtest/gtest.h>"],
        }), [])

    def test_each_violation_is_found_with_its_line(self):
        for path, include in [
            ("mesh/base/x.hpp", '"mesh/wire/batch.hpp"'),
            ("mesh/wire/x.cpp", '"mesh/log/log.hpp"'),
            ("mesh/log/x.cpp", '"mesh/catalog/catalog.hpp"'),
            ("mesh/transport/x.cpp", '"mesh/node/node.hpp"'),
            ("mesh/node/x.cpp", '"actors/keeper.hpp"'),
            ("mesh/node/x.cpp", '<caf/all.hpp>'),
            ("mesh/node/x.cpp", '<zmq.hpp>'),
            ("mesh/log/x.cpp", '<sqlite3.h>'),
            ("mesh/log/x.cpp", '<sodium.h>'),
            ("mesh/log/x.cpp", '<gtest/gtest.h>'),
            ("mesh/log/x.cpp", '"log.hpp"'),
            ("actors/x.cpp", '"sdk/src/node.hpp"'),
            ("sdk/src/x.cpp", '<caf/all.hpp>'),
            ("sdk/include/weft/x.hpp", '"mesh/wire/batch.hpp"'),
            ("sdk/include/weft/x.hpp", '<fmt/format.h>'),
            ("sdk/include/weft/x.hpp", '<spdlog/spdlog.h>'),
            ("sdk/include/weft/x.hpp", '<nlohmann/json.hpp>'),
            ("sdk/include/weft/x.hpp", '<sqlite3.h>'),
            ("sdk/include/weft/x.hpp", '<zmq.h>'),
            ("samples/retail/x.cpp", '"mesh/base/ids.hpp"'),
            ("samples/retail/x.cpp", '<QWidget>'),
        ]:
            with self.subTest(path=path, include=include):
                said = found({path: ["<string>", include]})
                self.assertTrue(said)
                for line in said:
                    self.assertTrue(line.startswith(f"{path}:3: includes {include[1:-1]}: "), line)

    def test_a_library_that_public_headers_lead_to_is_found(self):
        said = found({"sdk/include/weft/a.hpp": ["<weft/b.hpp>"], "sdk/include/weft/b.hpp": ['"mesh/base/c.hpp"'],
                      "mesh/base/c.hpp": ["<string>", "<fmt/format.h>"]})
        self.assertEqual(len(said), 1, said)
        self.assertTrue(said[0].startswith("mesh/base/c.hpp:3: includes fmt/format.h: "), said)

    def test_a_folder_without_a_rule_is_found(self):
        self.assertEqual(len(found({"mesh/extra/x.hpp": []})), 1)


if __name__ == "__main__":
    unittest.main()
