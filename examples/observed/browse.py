#!/usr/bin/env python3
"""Looks at the observer with a real browser, and fails where the page does not show what it should.

    browse.py CHROMIUM ADDRESS TOKEN CARTS [DIRECTORY]

With a directory, it also writes pictures of the views there. Only python's own library: the browser is driven over its
debugging port.
"""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

PATIENCE = 60


class Socket:
    """A web socket, as far as the debugging port needs it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(4096)
        self.rest = self.rest.split(b"\r\n\r\n", 1)[1]

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        size = len(data)
        head = bytes([0x81]) + (bytes([0x80 | size]) if size < 126 else
                                b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size))
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def take(self, size):
        while len(self.rest) < size:
            more = self.socket.recv(1 << 20)
            if not more:
                raise EOFError("the browser has gone")
            self.rest += more
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def receive(self):
        text = b""
        while True:
            first, size = self.take(2)
            size &= 0x7F
            if size == 126:
                size = struct.unpack(">H", self.take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.take(8))[0]
            data = self.take(size)
            if first & 0x0F in (0, 1):
                text += data
                if first & 0x80:
                    return text.decode()


class Browser:
    def __init__(self, program):
        self.directory = tempfile.mkdtemp(prefix="observed-")
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                   "--disable-dev-shm-usage", "--force-color-profile=srgb", "--remote-debugging-port=0",
                   f"--user-data-dir={self.directory}", "about:blank"]
        self.process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ports = os.path.join(self.directory, "DevToolsActivePort")
        self.until("the browser is there", lambda: os.path.exists(ports) and open(ports).read().count("\n") >= 1)
        port, path = open(ports).read().split("\n")[:2]
        self.socket = Socket(f"ws://127.0.0.1:{port}{path}")
        self.number, self.session, self.complaints = 0, None, []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for part in ("Page", "Runtime", "Log"):
            self.do(f"{part}.enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def do(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.receive())
            if answer.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(answer["params"]["exceptionDetails"])[:500])
            if answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
                self.complaints.append(json.dumps(answer["params"]["entry"])[:500])
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def tell(self, script):
        result = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, what, is_so):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = is_so()
            if found:
                return found
            time.sleep(0.1)
        shown = self.tell("document.body.innerText")[:2000] if getattr(self, "session", None) else ""
        sys.exit(f"the observer in a browser: not in {PATIENCE} s: {what}\n{shown}")

    def see(self, what, script):
        return self.until(what, lambda: self.tell(f"(found => found instanceof Node || found)({script})"))

    def size(self, width, height, dark=False):
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = "dark" if dark else "light"
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                        {"name": "prefers-reduced-motion", "value": "reduce"}])

    def picture(self, path):
        data = self.do("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def main():
    program, address, token, carts = sys.argv[1:5]
    pictures = sys.argv[5] if len(sys.argv) > 5 else None
    browser = Browser(program)
    try:
        look(browser, f"http://{address}", token, int(carts), pictures)
    finally:
        browser.close()
    if browser.complaints:
        sys.exit("the browser complains:\n" + "\n".join(browser.complaints))


def look(browser, site, token, carts, pictures):
    def go(view):
        browser.tell(f"location.hash = {json.dumps(view)}")

    def shoot(name, width=1180, height=720):
        if pictures:
            for suffix, dark in (("", False), ("-dark", True)):
                browser.size(width, height, dark)
                time.sleep(1.5)
                browser.picture(os.path.join(pictures, f"{name}{suffix}.png"))
            browser.size(1180, 720)

    row = "[...document.querySelectorAll('.tree .node')].find(row => row.innerText.includes(%s))"

    browser.size(1180, 720)
    browser.do("Page.navigate", url=site + "/")
    browser.see("the tree has the courier", row % "'Courier'")

    # A crash, and the restart.
    browser.see("the courier crashes, and is restarted", f"/restarted \\d+×/.test(({row % repr('Courier')} || {{}}).innerText)")
    browser.see("the restart is marked", f"({row % repr('Courier')} || {{classList: {{contains: () => false}}}}).classList.contains('restart')")
    shoot("tree")
    go("#/crashes")
    browser.see("the crash is listed with its reason and place",
                "/dropped a crate of eggs/.test(document.body.innerText) && /shop\\.rs:\\d+/.test(document.body.innerText)")
    browser.see("the crash is listed with its state", "/Courier \\{ carries: /.test(document.querySelector('.crash-item .state').innerText)")
    browser.see("and with the child that runs in its place", "/of this spec now: </.test(document.body.innerText)")
    shoot("crashes")

    # A subtree that is larger than a page.
    go("#/search/carts")
    pid = browser.see("the carts are found", "([...document.querySelectorAll('td .pid')].map(pid => pid.innerText)[0] || '').replace(/[<>]/g, '')")
    go(f"#/tree/{pid}")
    total = f"{carts:,}"
    pager = "[...document.querySelectorAll('.pager')].map(pager => pager.innerText).join(' ')"
    browser.see(f"the first of {total} carts", f"({pager}).includes('1–100 of {total}')")
    browser.tell("[...document.querySelectorAll('.pager button')].find(button => button.innerText === 'Next').click()")
    browser.see("the next carts", f"({pager}).includes('101–200 of {total}')")
    browser.tell("(() => { const input = document.querySelector('.pager input'); input.value = %d;"
                 " input.dispatchEvent(new Event('change', { bubbles: true })); })()" % (carts - 9))
    browser.see("the last carts", f"({pager}).includes('of {total}') && ({pager}).includes('–{total} of')")
    rows = browser.tell("document.querySelectorAll('.tree .node').length")
    assert rows < 200, f"{rows} rows are in the page"
    shoot("many")

    def press(key, code=0, text=""):
        browser.do("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, text=text)
        browser.do("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def drawn_anew():
        browser.tell("document.querySelector('.tree .node .pid').textContent = '?'")
        browser.see("the tree is drawn anew", "document.querySelector('.tree .node .pid').textContent !== '?'")

    # The keyboard: from row to row, also after the tree was drawn anew, and after the focus was elsewhere.
    focused = "[...document.querySelectorAll('.tree .node')].indexOf(document.activeElement)"
    first = "document.querySelector('.tree .node[tabindex=\"0\"]')"
    browser.tell(f"{first}.focus()")
    start = browser.tell(focused)
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        press(key)
    at = browser.tell(focused)
    assert at == start + 2, f"the arrow keys lead from row {start} to row {at}"
    drawn_anew()
    press("ArrowDown")
    at = browser.tell(focused)
    assert at == start + 3, f"the arrow keys lead to row {at}, and not {start + 3}, after the tree was drawn anew"
    browser.tell("document.activeElement.blur()")
    drawn_anew()
    browser.tell(f"{first}.focus()")
    at = browser.tell(focused)
    assert at == start + 3, f"Tab leads back to row {at}, and not {start + 3}"

    # The link that skips the navigation leads to the view, and not to another one.
    browser.tell("document.querySelector('.skip').click()")
    skipped = browser.tell("`${document.activeElement.id} ${location.hash}`")
    assert skipped == "view #/tree", f"skipping the navigation leads to {skipped}"

    # What is open stays open while the observer refuses to answer.
    browser.tell("window.answered = window.fetch; window.fetch = (path, ...rest) => path.includes('&pid=')"
                 " ? Promise.resolve(new Response('{}', { status: 429 })) : answered(path, ...rest)")
    drawn_anew()
    drawn_anew()
    browser.tell("window.fetch = window.answered")
    rows_then = browser.tell("document.querySelectorAll('.tree .node').length")
    assert rows_then >= rows - 5, f"{rows_then} rows of {rows} are left after the observer was too busy to answer"

    # An address that somebody wrote by hand.
    go("#/search/50%")
    browser.see("the search for what cannot be decoded", "/50%/.test(document.querySelector('#view').innerText)")
    go("#/tree")
    browser.see("the tree after it", row % "'Courier'")

    # A tab that is hidden and shown again, more than once, is still live.
    for _ in range(2):
        for hidden in ("true", "false"):
            browser.tell("(() => { Object.defineProperty(document, 'hidden', { value: %s, configurable: true });"
                         " document.dispatchEvent(new Event('visibilitychange')); })()" % hidden)
        browser.tell("document.querySelector('#totals b').textContent = '?'")
        browser.see("new totals after the tab was hidden", "document.querySelector('#totals b').textContent !== '?'")

    # The token: Escape gives up, Enter confirms.
    dialog = "document.getElementById('token')"
    unlock = "document.getElementById('unlock')"

    for key, code, text, then in (("Escape", 27, "", "Unlock"), ("Enter", 13, "\r", "Lock")):
        browser.see("the page can be unlocked", f"{unlock}.textContent === 'Unlock' && !{unlock}.hidden")
        browser.tell(f"{unlock}.click()")
        browser.see("the token is asked for", f"{dialog}.open")
        browser.do("Input.insertText", text=token)
        press(key, code, text)
        browser.see(f"{key} closes the dialog", f"!{dialog}.open && {unlock}.textContent === {then!r}")

    # A call, traced across two processes.
    go("#/timeline")
    add = "(() => { const form = document.querySelector('[data-add]'); form.pid.value = %s; form.requestSubmit(); })()"
    for count, name in enumerate(["Customer", "till", "stock"], 1):
        browser.see("the form", "document.querySelector('[data-add]')")
        browser.tell(add % json.dumps(name))
        browser.see(f"{name} is to be traced", f"document.querySelectorAll('.chip').length === {count}")
    browser.see("it can be traced", "!document.querySelector('[data-trace]').disabled")
    browser.tell("document.querySelector('[data-trace]').click()")
    between = ("[...document.querySelectorAll('.sequence line.in')].filter(line => line.x1.baseVal.value > 60 &&"
               " Math.abs(line.x1.baseVal.value - line.x2.baseVal.value) > 60).length")
    browser.see("calls between the traced processes", f"{between} >= 6")
    browser.see("with their texts", "/Buy\\(/.test(document.querySelector('.sequence').textContent)")
    shoot("timeline")

    # What a process is.
    go("#/search/till")
    browser.see("the till is found", "[...document.querySelectorAll('td a')].some(link => link.innerText === 'till')")
    browser.tell("[...document.querySelectorAll('td a')].find(link => link.innerText === 'till').click()")
    browser.see("its state", "/Till \\{ taken: \\d+ \\}/.test(document.body.innerText)")
    if pictures:
        time.sleep(20)
    shoot("process")
    go("#/top/messages")
    browser.see("the busiest", "document.querySelectorAll('tbody tr').length > 5")
    shoot("top")
    go("#/top/time")
    browser.see("which processes run the longest", "/%/.test((document.querySelector('tbody tr .number') || {}).innerText)")
    go("#/system")
    browser.see("the system", "document.querySelectorAll('.plot').length >= 6")
    shoot("system", height=860)
    if pictures:
        go("#/tree")
        browser.see("the tree again", row % repr("Courier"))
        shoot("tree-narrow", 390, 780)
    print("the observer in a browser: crash, restart, paging, keyboard, trace, search: as they should be")


if __name__ == "__main__":
    main()
