#!/usr/bin/env python3
"""Branch coverage of the decoders from llvm-cov's exports; long_fuzz_coverage.sh makes them.

usage: fuzz_coverage.py --list | [--mark PERCENT] [--missed] FOLDER TARGET...
"""
import argparse
import json
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]

# What each target is there to reach.
DECODERS = {
    "batch_fuzz": ["mesh/wire/batch_view.cpp", "mesh/wire/batch_checks.cpp", "mesh/wire/batch_rules.cpp"],
    "entry_fuzz": ["mesh/wire/entry.cpp"],
    "control_fuzz": ["mesh/wire/control_decode.cpp"],
    "mesh_message_fuzz": ["mesh/wire/mesh_message_decode.cpp"],
    "node_record_fuzz": ["mesh/wire/node_record_decode.cpp"],
    "cut_record_fuzz": ["mesh/wire/cut_record.cpp"],
    "topic_record_fuzz": ["mesh/wire/topic_record.cpp"],
    "handshake_fuzz": ["mesh/security/handshake.cpp", "mesh/security/handshake_messages.cpp", "mesh/security/enrolment.cpp"],
    "certificate_fuzz": ["mesh/security/certificate.cpp", "mesh/security/chain.cpp"],
    "invitation_fuzz": ["mesh/security/invitation.cpp"],
    "contract_fuzz": ["mesh/contract/schema.cpp", "mesh/contract/schema_text.cpp", "mesh/contract/rules.cpp"],
    "contract_value_fuzz": ["mesh/contract/json_check.cpp", "mesh/contract/json_value.cpp", "mesh/contract/table_reader.cpp"],
    "compatibility_fuzz": ["mesh/contract/compatibility.cpp"],
    "segment_fuzz": ["mesh/log/segment_file.cpp", "mesh/log/segment_scan.cpp", "mesh/log/segment_scanner.cpp",
                     "mesh/log/recovery_plan.cpp", "mesh/log/verify.cpp", "mesh/log/dump.cpp"],
    "index_fuzz": ["mesh/log/index_file.cpp", "mesh/log/index.cpp"],
}

# Conditions that no input decides, by what their line has, in one file or in all (*): (file, text, why).
# A row of one file that fits no line of it any more is an error.
EXCLUDED = [
    ("*", "while (true)", "a constant"),
    ("*", "return fail(got.error())", "a read that the disk fails"),
    ("*", "return fail(size.error())", "a file's size that the disk does not tell"),
    ("*", "if (!opened) return fail(std::move(opened.error()))", "a listed file that the disk does not open"),
    ("*", "return fail(names.error()", "a folder that the disk does not list"),
    ("*", "return fail(std::move(names.error()))", "a folder that the disk does not list"),
    ("mesh/log/recovery_plan.cpp", "names.error().code() == errc::not_found", "opening makes the log's folder first"),
    ("mesh/log/recovery_plan.cpp", "index.error().code() == errc::io_error", "a read that the disk fails"),
    ("mesh/log/recovery_plan.cpp", "if (!index) return fail(index.error())", "an index that was whole a moment ago"),
    ("mesh/log/recovery_plan.cpp", "if (auto done = load_tables(); !done)", "an index that was whole a moment ago"),
    ("mesh/log/recovery_plan.cpp", "if (!tables) return fail(std::move(tables.error()))", "a read that the disk fails"),
    ("mesh/log/recovery_plan.cpp", "scanned->end == segment.first", "without entries and damage the end is the begin"),
    ("mesh/log/segment_scan.cpp", "return fail(goes_on.error())", "a read that the disk fails"),
    ("mesh/log/segment_scan.cpp", "return fail(synced.error())", "a read that the disk fails"),
    ("mesh/log/segment_scan.cpp", "return fail(rest.error())", "a read that the disk fails"),
    ("mesh/log/segment_scan.cpp", "return fail(found.error())", "a read that the disk fails"),
    ("mesh/log/segment_scan.cpp", "return fail(none.error())", "a read that the disk fails"),
    ("mesh/log/segment_scanner.cpp", "return fail(bytes.error())", "a read that the disk fails"),
    ("mesh/log/segment_scanner.cpp", "// the file is shorter than it was", "somebody else cuts the file"),
    ("mesh/log/verify.cpp", "if (auto done = list(); !done)", "a folder that the disk does not list"),
    ("mesh/log/verify.cpp", "return fail(problems.error())", "a read that the disk fails"),
    ("mesh/log/dump.cpp", "return fail(found.error()", "a read that the disk fails"),
    ("mesh/log/dump.cpp", "switch (head.state)", "all values have a case"),
    ("mesh/log/index_file.cpp", "return fail(bytes.error())", "a read that the disk fails"),
    ("mesh/wire/control_decode.cpp", "switch (root.body_type())", "all values have a case"),
    ("mesh/wire/control_decode.cpp", "case fb::Body::NONE: break;", "looked at before the switch"),
    ("mesh/wire/mesh_message_decode.cpp", "switch (root.body_type())", "all values have a case"),
    ("mesh/wire/mesh_message_decode.cpp", "case mesh_fb::Body::NONE: break;", "looked at before the switch"),
    ("mesh/security/certificate.cpp", "switch (validity_at(", "all values have a case"),
]


def branches_of(export, path):
    """Outcomes of each condition in a file: (line, column) -> [times true, times false]."""
    outcomes = {}
    for file in export["data"][0]["files"]:
        if not file["filename"].endswith("/" + path):
            continue
        for line, column, _, _, true, false, *_ in file["branches"]:
            known = outcomes.setdefault((line, column), [0, 0])
            known[0] += true
            known[1] += false
    return outcomes


def is_excluded(path, text, used):
    for row in EXCLUDED:
        if row[0] in (path, "*") and row[1] in text:
            used.add(row)
            return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--mark", type=float, default=90)
    parser.add_argument("--missed", action="store_true", help="print the lines with branches that were not reached")
    parser.add_argument("folder", nargs="?")
    parser.add_argument("targets", nargs="*")
    wanted = parser.parse_args()
    if wanted.list:
        print("\n".join(DECODERS))
        return 0
    failed = []
    used = set()
    print(f"{'target':<18}{'decoder':<40}{'branches':>10}{'reached':>9}{'excluded':>10}{'percent':>9}")
    for target in wanted.targets:
        export = json.loads((pathlib.Path(wanted.folder) / f"{target}.json").read_text())
        for path in DECODERS[target]:
            lines = (TOP / path).read_text().splitlines()
            total = reached = excluded = 0
            for (line, column), outcomes in sorted(branches_of(export, path).items()):
                if is_excluded(path, lines[line - 1], used):
                    excluded += 2
                    continue
                total += 2
                reached += sum(count > 0 for count in outcomes)
                if wanted.missed and not all(outcomes):
                    print(f"  {path}:{line}:{column} true {outcomes[0]} false {outcomes[1]}: {lines[line - 1].strip()}")
            percent = 100 * reached / total if total else 0
            print(f"{target:<18}{path:<40}{total:>10}{reached:>9}{excluded:>10}{percent:>9.1f}")
            if percent < wanted.mark:
                failed.append(path)
    for row in EXCLUDED:
        if row not in used and any(row[0] in DECODERS[target] for target in wanted.targets):
            failed.append(f"{row[0]}: no line has '{row[1]}' any more")
    print(f"fuzz-coverage: {len(failed)} below {wanted.mark:g} %" + (": " + ", ".join(failed) if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
