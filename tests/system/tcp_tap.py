"""A TCP forwarder between two nodes: it keeps all that passes, each way by itself, and can act as a network that swallows everything."""
import selectors
import socket
import threading


class Tap:
    """Dial `address`; it forwards to what `forward_to` names. One thread; everything ends with `close`."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"tcp://127.0.0.1:{self.listening.getsockname()[1]}"
        self.target = None
        self.recorded = {"asked": bytearray(), "answered": bytearray()}  # what the dialling side sent, and the other
        self.lock = threading.Lock()
        self.wake_in, self.wake_out = socket.socketpair()
        self.other = {}  # socket -> (its other end, the record of what it sends)
        self.wanted_frozen = self.stopping = False
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.wake_out, selectors.EVENT_READ)
        self.selector.register(self.listening, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def forward_to(self, address):
        self.target = ("127.0.0.1", int(address.rsplit(":", 1)[1]))

    def freeze(self, frozen):
        """Takes and forwards nothing, closes nothing: a peer whose host has vanished."""
        self.wanted_frozen = frozen
        self.wake_in.send(b"x")

    def seen(self, way):
        with self.lock:
            return bytes(self.recorded[way])

    def close(self):
        self.stopping = True
        self.wake_in.send(b"x")
        self.thread.join()
        for one in (self.listening, self.wake_in, self.wake_out, *self.other):
            one.close()
        self.selector.close()

    def _run(self):
        while not self.stopping:
            ready = [key.fileobj for key, _ in self.selector.select()]
            if self.wake_out in ready:
                self.wake_out.recv(64)
                self._watch(not self.wanted_frozen)
                continue
            for one in ready:
                if one is self.listening:
                    self._accept()
                elif one in self.other:
                    self._forward(one)

    def _watch(self, watch):
        for one in (self.listening, *self.other):
            if watch and one not in self.selector.get_map():
                self.selector.register(one, selectors.EVENT_READ)
            elif not watch and one in self.selector.get_map():
                self.selector.unregister(one)

    def _accept(self):
        near, _ = self.listening.accept()
        far = socket.socket()
        if not self.target or far.connect_ex(self.target) != 0:
            near.close()
            far.close()
            return
        self.other[near], self.other[far] = (far, "asked"), (near, "answered")
        for one in (near, far):
            self.selector.register(one, selectors.EVENT_READ)

    def _forward(self, one):
        other, way = self.other[one]
        try:
            data = one.recv(1 << 16)
            if data:
                with self.lock:
                    self.recorded[way] += data
                other.sendall(data)
                return
        except OSError:
            pass
        for end in (one, other):
            self.selector.unregister(end)
            del self.other[end]
            end.close()
