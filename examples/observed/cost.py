#!/usr/bin/env python3
"""Measures what a browser that looks costs: the processor time of the program, in windows with and without one, in turn.

    cost.py PROGRAM [CARTS] [RATE] [SECONDS] [ROUNDS]

The browser is played by a client that does what the page does when it shows the tree: it reads the stream of events, and
asks for the roots, and for the children of what is open at first, once in a second.
"""
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time

program = sys.argv[1]
carts, rate, seconds, rounds = (int(value) for value in (sys.argv[2:] + ["10000", "100000", "10", "5"][len(sys.argv) - 2:]))
shop = subprocess.Popen([program, "--port", "0", "--carts", str(carts), "--rate", str(rate), "--drops", "1000000"],
                        stdout=subprocess.PIPE, text=True)
address = shop.stdout.readline().split()[-1]


def used():
    """The processor time of the program so far, in seconds."""
    fields = open(f"/proc/{shop.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def get(path):
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", path)
    return connection.getresponse().read()


def opened():
    """The processes that the page opens at first: supervisors and applications, as long as that is not much."""
    found, rows, budget = [], json.loads(get("/api/tree?from=0&limit=100"))["rows"], 12
    for level in range(4):
        below = []
        for row in rows:
            if not row.get("pid") or not 0 < row["children"] <= 40:
                continue
            budget -= 1
            if budget >= 0 and (row.get("supervisor") or row.get("application") or level == 0):
                pid = row["pid"].strip("<>")
                found.append(f"/api/tree?from=0&limit=100&pid={pid}")
                below += json.loads(get(found[-1]))["rows"]
        rows = below
    return found


def browse(ended):
    subtrees = opened()
    events = http.client.HTTPConnection(address, timeout=30)
    events.request("GET", "/api/events")
    answer = events.getresponse()
    while not ended.is_set():
        line = answer.readline()
        if line.startswith(b"event: totals"):
            for path in ["/api/tree?from=0&limit=100", *subtrees]:
                get(path)
    events.close()


def window(watched):
    ended = threading.Event()
    browser = threading.Thread(target=browse, args=(ended,)) if watched else None
    if browser:
        browser.start()
    time.sleep(1)
    before, start = used(), time.monotonic()
    time.sleep(seconds)
    share = (used() - before) / (time.monotonic() - start)
    if browser:
        ended.set()
        browser.join()
    return 100 * share


try:
    while int(json.loads(get("/api/system"))["now"]["processes"]) < carts:
        time.sleep(0.5)
    time.sleep(2)
    alone, watched = [], []
    for _ in range(rounds):
        alone.append(window(False))
        watched.append(window(True))
    messages = json.loads(get("/api/system"))["now"]["messages"]
    more = statistics.median(watched) - statistics.median(alone)
    show = lambda values: ", ".join(f"{value:.1f}" for value in values)
    print(f"{carts} processes, {rate} messages/s wanted: the program takes {statistics.median(alone):.1f} % of a processor alone"
          f" ({show(alone)}), {statistics.median(watched):.1f} % with a browser ({show(watched)}): {more:+.1f} points;"
          f" load {os.getloadavg()[0]:.1f}")
finally:
    shop.kill()
