"""Real `weft` processes for tests: nodes in temporary directories, commands with a time limit, and what they print."""
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

TOP = pathlib.Path(os.environ.get("WEFT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BINARY_DIR = pathlib.Path(os.environ.get("WEFT_BINARY_DIR", TOP / "build/dev"))
WEFT = BINARY_DIR / "bin/weft"
ANY_PORT = "tcp://127.0.0.1:0"
PATIENCE_S = 60  # for anything that should take moments: generous, because the machine may be busy


def environment():
    """Ours without what would make a test depend on who runs it, and where: with a display, windows would open."""
    return {name: value for name, value in os.environ.items() if name not in ("WEFT_DATA", "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}


class Process:
    """A running program whose lines of stdout can be waited for; stderr goes to a file."""

    def __init__(self, args, directory, stdin=subprocess.DEVNULL, extra=None):
        self.args = [str(arg) for arg in args]
        self.errors = tempfile.NamedTemporaryFile(dir=directory, suffix=".stderr", delete=False)
        self.popen = subprocess.Popen(self.args, stdin=stdin, stdout=subprocess.PIPE, stderr=self.errors,
                                      env={**environment(), **(extra or {})})
        self.lines = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def line(self, timeout=PATIENCE_S):
        """The next line without its end; None at the end of the output."""
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"{' '.join(self.args)} printed nothing for {timeout} s; {self.stderr()}") from None
        if line is None:
            self.lines.put(None)
            return None
        self.seen.append(line)
        return line.rstrip(b"\n").decode()

    def rest(self, timeout=PATIENCE_S):
        """All lines up to the end of the output."""
        end = time.monotonic() + timeout
        found = []
        while (line := self.line(max(0.1, end - time.monotonic()))) is not None:
            found.append(line)
        return found

    def wait(self, timeout=PATIENCE_S):
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{' '.join(self.args)} still runs after {timeout} s; {self.stderr()}") from None

    def signal(self, number):
        if self.popen.poll() is None:
            self.popen.send_signal(number)

    def stand_still(self):
        """SIGSTOP, and waits until every thread has stopped."""
        self.signal(signal.SIGSTOP)
        state = lambda task: (task / "stat").read_text().rpartition(")")[2].split()[0]
        while any(state(task) not in "Tt" for task in pathlib.Path(f"/proc/{self.popen.pid}/task").iterdir()):
            threading.Event().wait(0.001)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def stderr(self):
        return pathlib.Path(self.errors.name).read_text(errors="replace")

    def close(self):
        self.signal(signal.SIGCONT)
        self.kill()
        self.reader.join()
        self.popen.stdout.close()
        self.errors.close()


class Node:
    """A `weft node` process that serves."""

    def __init__(self, test, name, data, *options, extra=None, within=()):
        self.test, self.name, self.data = test, name, data
        self.process = test.process("node", "--name", name, "--data", data, *options, extra=extra, within=within)
        ready = self.process.line()
        if ready is None or not ready.startswith("ready "):
            raise AssertionError(f"node {name} printed {ready!r} instead of 'ready ADDRESS': {self.process.stderr()}")
        self.address = ready.removeprefix("ready ")

    def kill(self):
        """kill -9"""
        self.process.kill()

    def stop(self, timeout=PATIENCE_S):
        """SIGTERM. Returns the exit code."""
        self.process.signal(signal.SIGTERM)
        return self.process.wait(timeout)


class WeftTest(unittest.TestCase):
    """A test with a temporary directory; every process it starts has ended when it ends."""
    maxDiff = 4000

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="weft-test-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def process(self, *args, program=WEFT, stdin=subprocess.DEVNULL, extra=None, within=()):
        """@param extra   of its environment
        @param within  the words of a command that becomes the program, such as `ip netns exec`"""
        started = Process([*within, program, *args], self.directory, stdin, extra)
        self.addCleanup(started.close)
        return started

    def node(self, name="a", *options, data=None, listen=ANY_PORT):
        return Node(self, name, data or self.directory / name, "--listen", listen, *options)

    def joined(self, issuer, name, *options):
        """A node that joins the issuer's mesh by an invitation."""
        invitation = self.directory / f"{name}.invitation"
        invitation.write_bytes(self.weft("invite", name, "--data", issuer.data))
        return self.node(name, "--join", invitation, *options)

    def run_weft(self, *args, stdin=None, timeout=PATIENCE_S):
        """Runs a command to its end: (exit code, stdout, stderr)."""
        if stdin is not None and not isinstance(stdin, bytes):
            stdin = stdin.encode()
        done = subprocess.run([str(WEFT), *map(str, args)], input=stdin if stdin is not None else b"", capture_output=True,
                              timeout=timeout, env=environment(), check=False)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def weft(self, *args, stdin=None, timeout=PATIENCE_S):
        """The same for a command that has to succeed; its stdout."""
        code, out, err = self.run_weft(*args, stdin=stdin, timeout=timeout)
        self.assertEqual(code, 0, f"weft {' '.join(map(str, args))}: {err}{out[-2000:].decode(errors='replace')}")
        return out

    def weft_json(self, *args, **more):
        return json.loads(self.weft(*args, **more))

    def publish(self, node, topic, values, *options, **more):
        """Publishes values as lines; the result document."""
        return self.weft_json("publish", topic, "--data", node.data, "--json", *options, stdin="".join(f"{v}\n" for v in values), **more)

    def events(self, node, pattern, *options, timeout=PATIENCE_S):
        """What `weft subscribe` prints, as objects."""
        out = self.weft("subscribe", pattern, "--data", node.data, *options, timeout=timeout)
        return [json.loads(line) for line in out.splitlines()]

    def assert_usage_error(self, args, *parts):
        """The words are refused with exit code 2 and a message that has all parts."""
        code, out, err = self.run_weft(*args)
        self.assertEqual((code, out), (2, b""), err)
        for part in parts:
            self.assertIn(part, err)

    def eventually(self, condition, what, timeout=PATIENCE_S):
        """Asks again until `condition()` is true: for what only shows by asking."""
        end = time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() > end:
                raise AssertionError(f"not within {timeout} s: {what}")
            threading.Event().wait(0.02)
        return found


def place(event):
    """What makes an event's position unique."""
    return event["node"], event["epoch"], event["seq"]


def position(event):
    return f"{event['node']}/{event['epoch']}/{event['seq']}"


def cannot_run(test, why):
    """What the machine does not give: the test is skipped, in CI it fails."""
    if os.environ.get("CI") == "true":
        test.fail(f"{why}, and in CI this test must run")
    raise unittest.SkipTest(why)


def test_data(test, name):
    """A file of real data."""
    path = pathlib.Path(os.environ.get("WEFT_TEST_DATA", TOP / "../shared/data")) / name
    if not path.exists():
        cannot_run(test, f"{path} is missing: WEFT_TEST_DATA names the folder of the real data")
    return path
