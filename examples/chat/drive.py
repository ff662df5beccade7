"""Clients of a chat server, all in one thread: `drive.py SCENE PORT PID`.

A scene prints what it has seen after `waits: `, and then waits until the server stops, which ends all connections.
"""

import os
import select
import socket
import sys

USERS = 50
# What all say in a turn is less than what waits for each who has not read yet (--backlog 1000): so nothing is lost.
LINES = 10
PATIENCE = 30


class Client:
    """A user who says lines and reads them; one that is deaf never reads, and has little room for what comes."""

    def __init__(self, port, nick, deaf=False):
        self.nick = nick
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if deaf:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")
        self.said = 0
        self.heard = {}
        self.left = set()

    def send(self, text):
        self.socket.sendall(text.encode())

    def line(self):
        return self.lines.readline().decode().rstrip("\n")

    def enter(self, room):
        self.send(f"/nick {self.nick}\n/join {room}\n")
        while not self.line().startswith(f"* in {room}: "):
            pass

    def say(self, count, size):
        numbers = range(self.said, self.said + count)
        self.send("".join(f"{number} {'x' * size}\n" for number in numbers))
        self.said += count

    def hear(self, count):
        """Reads so many lines that were said; those of each speaker must come in order, and none be missing."""
        while count > 0:
            line = self.line()
            assert line and not line.startswith("! "), f"{self.nick} reads {line!r}"
            if line.startswith("* "):
                if line.endswith(" leaves hall"):
                    self.left.add(line.split()[1])
                continue
            speaker, said = line.split(": ", 1)
            number = int(said.split()[0])
            expected = self.heard.get(speaker, 0)
            assert number == expected, f"{self.nick} hears {number} of {speaker}, not {expected}"
            self.heard[speaker] = number + 1
            count -= 1

    def see_the_stop(self):
        line = self.line()
        while line.startswith("* ") and line != "* the server stops":
            line = self.line()
        assert line == "* the server stops", f"{self.nick} reads {line!r} at the end"
        assert self.line() == "", f"{self.nick} reads on after the end"


def turn(users, size):
    """All say some lines, and then all read all of them."""
    for user in users:
        user.say(LINES, size)
    for user in users:
        user.hear(LINES * len(users))


def memory(pid):
    """The most memory that the server has had in use, in MB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024


def enter(port, count):
    users = [Client(port, f"user{number}") for number in range(count)]
    for user in users:
        user.enter("hall")
    return users


def crowd(port, pid):
    """Many talk while one does not read, until that is dropped; there is no room for one more, and then there is."""
    users = enter(port, USERS)
    deaf = Client(port, "deaf", deaf=True)
    deaf.send("/nick deaf\n/join hall\n")
    refused = Client(port, "late")
    assert refused.line() == "! all seats are taken; come again later"
    turn(users, 200)
    before, turns = memory(pid), 1
    while "deaf" not in users[0].left or turns < 10:
        turn(users, 200)
        turns += 1
    # Who read first in that turn may have read it before it was said.
    turn(users, 200)
    assert all("deaf" in user.left for user in users)
    grown = memory(pid) - before
    assert grown < 32, f"{grown} MB more than before"

    # The seat is free as soon as the supervisor has noticed; who takes it sends junk, and is told so.
    junk = Client(port, "junk")
    while not junk.line().startswith("* welcome: "):
        junk = Client(port, "junk")
    junk.socket.sendall(bytes(range(1, 256)) * 100 + b"\n")
    assert junk.line().startswith("! a line "), "junk is refused"
    turn(users, 200)
    heard = sum(sum(user.heard.values()) for user in users)
    return users, f"{USERS} users heard {heard} lines in order, a client that never reads was dropped, {grown} MB more"


def deaf(port, pid):
    """A client does not read, and there is no time for it to be dropped before the server stops."""
    users = enter(port, 5)
    # Kept until the end, or it would hang up.
    users[0].deaf = Client(port, "deaf", deaf=True)
    users[0].deaf.send("/nick deaf\n/join hall\n")
    for _ in range(200):
        turn(users, 1000)
    assert not users[0].left
    return users, "a client that does not read was there at the end"


if __name__ == "__main__":
    scene, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    server = os.pidfd_open(pid)
    users, seen = {"crowd": crowd, "deaf": deaf}[scene](port, pid)
    print(f"waits: {seen}", flush=True)
    for user in users:
        user.see_the_stop()
    # Who does not read does not hang up either.
    select.select([server], [], [], PATIENCE)
