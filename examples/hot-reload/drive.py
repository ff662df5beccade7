"""Clients of hot-reload, each scene in one thread: `drive.py calls|report PORT CONTROL REPORT`.

`calls`: each of fifty clients adds to a key of its own, and sends the next request when it has read the answer to the last
one, until it is told to stop. An answer must have the total of the client's own sums: so a call that was lost, or done
twice, is seen, and so is a state that was lost. It must have the form of its release: release 1 does not count. And no
client may hear an older release after a newer one, nor one older than the last that was reloaded before it has asked.

`report`: a client asks for a report that is larger than what the system keeps for a client that does not read, and reads
its beginning. When it is told to, it reads the rest, which must be from the release that it began in.

Whoever drives writes the number of the release that is in use everywhere to the file CONTROL, or `stop`. The file REPORT
gets what came of it; for a report also that it has begun.
"""

import os
import re
import select
import socket
import sys
import time

CLIENTS = 50
# So that each half of them is more than the system keeps (tcp_wmem).
KEYS = 12000
PATIENCE = 30
ANSWER = re.compile(rb"release (\d+): (\w+) has (\d+)(?: of (\d+))?\n")


class Client:
    def __init__(self, port, number):
        self.key = b"client%d" % number
        self.total = 0
        self.release = 0
        self.count = 0
        self.calls = 0
        self.longest = 0
        self.buffer = b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(PATIENCE)

    def ask(self, least):
        self.number = self.calls % 7 + 1
        self.least = least
        self.asked = time.monotonic()
        self.socket.sendall(b"add %s %d\n" % (self.key, self.number))

    def read(self):
        """Reads what is there; whether the answer is whole. Says what is wrong with it."""
        received = self.socket.recv(4096)
        assert received, f"lost: {self.key} was hung up on"
        self.buffer += received
        if not self.buffer.endswith(b"\n"):
            return False
        answer, self.buffer = self.buffer, b""
        self.longest = max(self.longest, time.monotonic() - self.asked)
        self.calls += 1
        self.total += self.number
        match = ANSWER.fullmatch(answer)
        assert match, f"wrong: {answer}"
        release, key, total, count = match.groups()
        release = int(release)
        assert key == self.key and int(total) == self.total, f"wrong: {answer}, but the total is {self.total}"
        assert release >= max(self.release, self.least), f"wrong: {answer}, after {max(self.release, self.least)}"
        # What is added is counted from release 2 on.
        if release >= 2:
            self.count += 1
        assert count == (b"%d" % self.count if release >= 2 else None), f"wrong: {answer}, but counted {self.count}"
        self.release = release
        return True


def calls(port, control, report):
    clients = [Client(port, number) for number in range(CLIENTS)]
    by_socket = {client.socket: client for client in clients}
    least, stop, looked = 0, False, 0
    waiting = set()
    while True:
        if time.monotonic() - looked > 0.01:
            looked = time.monotonic()
            says = told(control)
            stop = says == "stop"
            least = least if stop else int(says)
        if not stop:
            for client in clients:
                if client.socket not in waiting:
                    client.ask(least)
                    waiting.add(client.socket)
        if not waiting:
            break
        ready, _, _ = select.select(list(waiting), [], [], PATIENCE)
        assert ready, f"lost: {len(waiting)} calls have no answer for {PATIENCE} s"
        for each in ready:
            if by_socket[each].read():
                waiting.remove(each)
    made = sum(client.calls for client in clients)
    longest = max(client.longest for client in clients)
    say(report, f"{made} calls: 0 lost, 0 wrong, the longest {longest * 1000:.0f} ms")


def report(port, control, report):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", port))
    lines = client.makefile("rb", buffering=4096)
    key = "k" * 990
    for first in range(0, KEYS, 100):
        client.sendall("".join(f"add {key}{number} 1\n" for number in range(first, first + 100)).encode())
        for _ in range(100):
            assert lines.readline().startswith(b"release 1: ")
    client.sendall(f"report {key}0\n".encode())
    found = {lines.readline()}
    say(report, "begun")
    while told(control) != "stop":
        time.sleep(0.01)
    while (line := lines.readline()) != b"\n":
        assert line.startswith(b"release 1: k") and line.endswith(b" has 1\n"), f"wrong: {line}"
        found.add(line)
    size = sum(len(line) for line in found)
    assert size > 4 << 20, f"the report has {size} bytes"
    say(report, f"{len(found)} lines")


def told(control):
    with open(control) as file:
        return file.read().strip()


def say(report, text):
    with open(report + ".part", "w") as file:
        file.write(text + "\n")
    os.rename(report + ".part", report)


scene, port, *files = sys.argv[1:]
{"calls": calls, "report": report}[scene](int(port), *files)
