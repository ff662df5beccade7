"use strict";
// The page of the observer. All texts come from the system, and are hostile until shown: they only ever become text nodes.

// ---- Elements, and how a view is changed into the next one without losing focus, selection or scroll. ----

const SVG = "http://www.w3.org/2000/svg";

function make(node, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "depth") node.style.setProperty("--depth", value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child);
  }
  return node;
}
const el = (tag, props, ...children) => make(document.createElement(tag), props, children);
const svg = (tag, props, ...children) => make(document.createElementNS(SVG, tag), props, children);

function morph(old, next) {
  if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName || key(old) !== key(next)) return old.replaceWith(next);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) return;
  for (const { name } of [...old.attributes]) if (name !== "style" && !next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.style.cssText !== next.style.cssText) old.style.cssText = next.style.cssText;
  // What somebody types stays.
  if (old.nodeName === "INPUT") return;
  const keyed = new Map([...old.children].filter(key).map(child => [key(child), child]));
  let place = old.firstChild;
  for (const child of [...next.childNodes]) {
    const same = key(child) && keyed.get(key(child));
    if (same && same !== place) old.insertBefore(same, place);
    if (same) place = same;
    if (!place) { old.append(child); continue; }
    if (!same && (key(child) || key(place))) { old.insertBefore(child, place); continue; }
    const after = place.nextSibling;
    morph(place, child);
    place = after;
  }
  while (place) { const after = place.nextSibling; place.remove(); place = after; }
}
const key = node => (node.dataset ? node.dataset.key : undefined);

function show(...children) {
  const view = document.getElementById("view");
  const next = el("main", { id: "view", tabindex: -1 }, ...children);
  morph(view, next);
}

// ---- Numbers and words. ----

const count = n => Math.round(n).toLocaleString("en");
const short = n => (n >= 1e6 ? (n / 1e6).toFixed(1) + " M" : n >= 1e4 ? (n / 1e3).toFixed(1) + " k" : n >= 100 || Number.isInteger(n) ? count(n) : n.toFixed(1));
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many || one + "s"}`;
function time(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`;
}
const clock = ms => new Date(ms).toLocaleTimeString("en-GB");
const bare = pid => pid.replace(/[<>]/g, "");
const here = pid => `#/process/${bare(pid)}`;
const named = row => row.name || (row.child && row.child.id) || row.label || row.type || row.pid || "?";
const link = (pid, words) => el("a", { href: here(pid), class: words ? undefined : "pid" }, words || pid);
const badge = (words, kind) => el("span", { class: `badge ${kind || ""}` }, words);
const LONG = 100;

// ---- The server. ----

let token = sessionStorage.getItem("token") || "";
let writable = false;

async function get(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  const body = await response.json().catch(() => ({ error: response.statusText }));
  if (!response.ok) throw Object.assign(new Error(body.error || response.statusText), { status: response.status });
  return body;
}
function post(path, signal) {
  return fetch(path, { method: "POST", headers: { authorization: `Bearer ${token}` }, signal });
}
async function unlocked() {
  if (token) return true;
  const dialog = document.getElementById("token"), input = dialog.querySelector("input");
  // What a dialog returned stays, also when it is left by Escape.
  input.value = dialog.returnValue = "";
  dialog.showModal();
  await new Promise(done => {
    const closed = () => {
      // That of the time before may come when it is open again.
      if (dialog.open) return;
      dialog.removeEventListener("close", closed);
      done();
    };
    dialog.addEventListener("close", closed);
  });
  if (dialog.returnValue !== "ok" || !input.value) return false;
  token = input.value;
  sessionStorage.setItem("token", token);
  lock();
  return true;
}
function lock() {
  const button = document.getElementById("unlock");
  button.hidden = !writable;
  button.textContent = token ? "Lock" : "Unlock";
}
async function act(pid, what) {
  if (!await unlocked()) return;
  const response = await post(`/api/act?pid=${bare(pid)}&do=${what}`);
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) { token = ""; sessionStorage.removeItem("token"); lock(); }
  notice(response.ok ? `${pid}: ${what.replace("_", " ")} done` : body.error || response.statusText);
  refresh();
}
let noticed;
function notice(words) {
  const box = document.getElementById("notice");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(noticed);
  noticed = setTimeout(() => { box.hidden = true; }, 5000);
}

// ---- Tree. ----

// Of the roots and of each open process: from which child on it is shown, and the last page. `row` is the key of the row that
// Tab leads to.
const tree = { open: new Map(), roots: { from: 0 }, seen: false, row: undefined };
const PAGE = 100;

async function viewTree(stale) {
  const page = async (pid, at) => {
    try { return at.last = await get(`/api/tree?from=${at.from}&limit=${PAGE}${pid ? `&pid=${bare(pid)}` : ""}`); }
    catch (error) {
      // The process has ended. After another failure its children stay as they were, until there is an answer again.
      if (pid && error.status === 404) tree.open.delete(pid);
      else if (at.last && at.last.from === at.from) return at.last;
      return null;
    }
  };
  const roots = await page(null, tree.roots);
  if (!roots) return;
  if (!tree.seen) {
    // At first, supervisors and applications are open, as long as that is not much.
    tree.seen = true;
    let rows = roots.rows, budget = 12;
    for (let level = 0; level < 4; level++) {
      const next = [];
      for (const row of rows) {
        if (!row.pid || !row.children || row.children > 40 || budget-- <= 0) continue;
        if (row.supervisor || row.application || level === 0) {
          const at = { from: 0 };
          tree.open.set(row.pid, at);
          const children = await page(row.pid, at);
          if (children) next.push(...children.rows);
        }
      }
      rows = next;
    }
  }
  const open = [...tree.open];
  const pages = new Map((await Promise.all(open.map(async ([pid, at]) => [pid, await page(pid, at)]))).filter(([, p]) => p));
  if (stale()) return;
  const list = [];
  const add = (part, depth, parent, at) => {
    for (const row of part.rows) {
      const inner = row.pid && pages.get(row.pid);
      list.push(treeRow(row, depth, !!inner));
      if (inner && depth < 40) add(inner, depth + 1, row.pid, tree.open.get(row.pid));
    }
    if (part.total > PAGE) list.push(pager(part, depth, parent, at));
  };
  add(roots, 0, null, tree.roots);
  show(el("div", { class: "card flush" },
    el("div", { class: "node heads", "aria-hidden": true, depth: 0 }, el("span", {}, "Process"), el("span", {}, "Pid"),
      el("span", {}, "Doing"), el("span", { class: "number" }, "Queue"), el("span", { class: "number handled" }, "Handled")),
    el("div", { class: "tree", role: "tree", "aria-label": "Processes, by who has started them" }, list)));
  focusTree();
}

function treeRow(row, depth, isOpen) {
  const incident = row.incident && row.incident.kind;
  const kind = row.status === "stopped" ? "stopped" : incident || (row.queue > LONG ? "long" : row.busy ? "busy" : row.status);
  const sup = row.supervisor, child = row.child;
  const folds = row.children > 0;
  const notes = [
    row.application && badge("application", "app"),
    sup && badge(`${sup.dynamic ? "dynamic" : sup.strategy.replace(/_/g, " ")}`),
    sup && sup.used > 0 && badge(`${sup.used} of ${sup.limit} restarts in ${time(sup.period)}`, "warn"),
    folds && el("span", { class: "quiet" }, count(row.children)),
    child && child.restarts > 0 && badge(`restarted ${count(child.restarts)}×`, "warn"),
    incident === "gave_up" && badge("gave up", "bad"),
    row.status === "stopped" && badge(child.state, "bad"),
  ];
  return el("div", {
    class: `node ${kind}`, role: "treeitem", "aria-level": depth + 1, "aria-expanded": folds ? String(isOpen) : undefined,
    tabindex: -1, depth, "data-key": row.pid || `stopped ${depth} ${child.id}`, "data-pid": row.pid,
    title: row.incident ? `${row.incident.kind.replace("_", " ")}: ${row.incident.reason}` : undefined,
  },
    el("span", { class: "what" },
      el("button", { class: "twist", type: "button", tabindex: -1, "data-fold": row.pid, disabled: !folds,
        "aria-label": isOpen ? "Fold" : "Unfold" }, folds ? (isOpen ? "▼" : "▶") : ""),
      el("span", { class: `dot ${kind}`, title: kind.replace("_", " ") }),
      row.pid ? el("a", { class: `label ${sup || row.application ? "strong" : ""}`, href: here(row.pid), tabindex: -1 }, row.application || named(row))
        : el("span", { class: "label" }, named(row)), notes),
    el("span", { class: "pid quiet" }, row.pid || ""),
    el("span", { class: "doing" }, row.doing),
    el("span", { class: "number" }, row.queue ? count(row.queue) : ""),
    el("span", { class: "number quiet handled" }, row.handled ? short(row.handled) : ""));
}

function pager(part, depth, parent, at) {
  const last = Math.min(at.from + PAGE, part.total), id = parent || "";
  return el("div", { class: "pager", depth, "data-key": `pager ${id}` },
    el("span", {}, `${count(at.from + 1)}–${count(last)} of ${count(part.total)}`),
    el("button", { type: "button", "data-page": id, "data-to": at.from - PAGE, disabled: at.from === 0 }, "Previous"),
    el("button", { type: "button", "data-page": id, "data-to": at.from + PAGE, disabled: last >= part.total }, "Next"),
    el("label", {}, "from ", el("input", { type: "number", min: 1, max: part.total, "data-jump": id, "aria-label": "Show from number", placeholder: at.from + 1 })));
}
function turn(pid, from) {
  const at = pid ? tree.open.get(pid) : tree.roots;
  if (at) { at.from = Math.max(0, from); refresh(); }
}
function fold(pid) {
  if (!tree.open.delete(pid)) {
    tree.open.set(pid, { from: 0 });
    if (tree.open.size > 40) tree.open.delete(tree.open.keys().next().value);
  }
  refresh();
}
function focusTree(move) {
  const items = [...document.querySelectorAll(".tree .node")];
  if (!items.length) return;
  // A row that was drawn anew has lost its place among those that Tab leads to, and neither its focus nor its key.
  let now = items.indexOf(document.activeElement.closest(".tree .node"));
  if (now < 0) now = Math.max(0, items.findIndex(item => key(item) === tree.row));
  if (move) now = move(items, now);
  tree.row = key(items[now]);
  items.forEach((item, index) => { item.tabIndex = index === now ? 0 : -1; });
  if (move) { items[now].focus(); items[now].scrollIntoView({ block: "nearest" }); }
}
function treeKey(event) {
  const item = event.target.closest(".tree .node");
  if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
  const pid = item.dataset.pid, expanded = item.getAttribute("aria-expanded");
  const level = node => Number(node.getAttribute("aria-level"));
  const keys = {
    ArrowDown: () => focusTree((all, at) => Math.min(at + 1, all.length - 1)),
    ArrowUp: () => focusTree((all, at) => Math.max(at - 1, 0)),
    Home: () => focusTree(() => 0),
    End: () => focusTree(all => all.length - 1),
    ArrowRight: () => (expanded === "false" ? fold(pid) : expanded === "true" && focusTree((all, at) => Math.min(at + 1, all.length - 1))),
    ArrowLeft: () => (expanded === "true" ? fold(pid) : focusTree((all, at) => {
      let to = at;
      while (to > 0 && level(all[to]) >= level(all[at])) to--;
      return to;
    })),
    Enter: () => pid && (location.hash = here(pid)),
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
}

// ---- Process. ----

const lately = new Map();

async function viewProcess(stale, pid) {
  let page;
  try { page = await get(`/api/process?pid=${encodeURIComponent(pid)}`); }
  catch (error) {
    if (!stale()) show(el("div", { class: "card" }, el("h1", {}, `<${bare(pid)}>`), el("p", { class: "quiet" }, error.message)));
    return;
  }
  if (stale()) return;
  const row = page.process, said = page.said, sup = row.supervisor;
  const past = lately.get(row.pid) || [];
  past.push({ rate: page.rate || 0, queue: row.queue });
  lately.set(row.pid, past.slice(-120));
  if (lately.size > 30) lately.delete(lately.keys().next().value);
  const least = ms => `at least ${time(ms)}`;
  const button = (what, words, kind, enabled) => el("button", { type: "button", class: kind, "data-act": what, "data-pid": row.pid,
    disabled: !writable || enabled === false, title: writable ? undefined : "The observer is read-only" }, words);
  const isBehaviour = !!row.type;
  const facts = [
    ["Status", [el("span", { class: `dot ${row.busy ? "busy" : row.status}` }), " ", said && said.suspended ? "suspended" : row.status]],
    ["Doing", [row.doing, page.since ? el("span", { class: "quiet" }, ` for ${least(page.since)}`) : ""]],
    ["Queue", [count(row.queue), page.queue_limit ? ` of ${count(page.queue_limit)}` : "",
      page.waits ? el("span", { class: "quiet" }, `, the next for ${least(page.waits)}`) : ""]],
    ["Messages", page.rate === null ? "…" : `${short(page.rate)} in a second`],
    ["Handled", count(row.handled)],
    ["Age", time(row.age)],
    ["Type", row.type || "none: a plain process"],
    ["Name", row.name || "–"],
    ["Application", page.application || "–"],
    ["Started by", page.parent ? [link(page.parent.pid, page.parent.label || page.parent.pid)] : "the system"],
    row.child && ["Child", `${row.child.id}, ${row.child.restart}, restarted ${count(row.child.restarts)}×`],
    sup && ["Strategy", `${sup.strategy.replace(/_/g, " ")}${sup.dynamic ? ", dynamic" : ""}`],
    sup && ["Restarts", `${sup.used} of ${sup.limit} in ${time(sup.period)}`],
    sup && ["Children", count(sup.specs)],
    ["Traps exits", page.traps_exits ? "yes" : "no"],
    ["Runs on", page.on_thread ? "a thread of its own" : "the executor"],
    page.load && ["Load", page.load],
  ].filter(Boolean);
  const peers = (words, part) => part.total > 0 && [el("h2", {}, `${words} `, el("span", { class: "quiet" }, count(part.total))),
    el("ul", { class: "peers" }, part.first.map(peer => el("li", {}, link(peer.pid, peer.label), " ", el("span", { class: "pid quiet" }, peer.pid))))];
  const ties = [peers("Links", page.links), peers("Monitors", page.monitors), peers("Monitored by", page.monitored_by)].filter(Boolean);
  show(
    el("div", { class: "bar head" }, el("h1", {}, named(row)), el("span", { class: "pid quiet" }, row.pid),
      row.incident && badge(row.incident.kind.replace("_", " "), "warn"), el("span", { class: "grow" }),
      row.children > 0 && el("a", { href: `#/tree/${bare(row.pid)}` }, plural(row.children, "child", "children")),
      el("a", { href: `#/timeline/${bare(row.pid)}` }, "Trace…"),
      isBehaviour && (said && said.suspended ? button("resume", "Resume") : button("suspend", "Suspend")),
      isBehaviour && (said && said.log ? button("no_debug", "Stop the log") : button("log", "Keep a log")),
      button("shutdown", "Shut down"), button("kill", "Kill", "danger")),
    page.ancestors.length > 0 && el("p", { class: "quiet" }, [...page.ancestors].reverse().map(one => [link(one.pid, one.label || one.pid), " › "]), named(row)),
    el("div", { class: "card" }, el("dl", { class: "facts" }, facts.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))))),
    el("div", { class: "plots" },
      plot("Messages in a second", past.map(one => one.rate), short),
      plot("Queue", past.map(one => one.queue), short)),
    el("div", { class: "columns" },
      el("section", { class: "card", "data-key": "state" }, el("h2", {}, "State"),
        said ? (said.state === null ? el("p", { class: "quiet" }, "A plain process does not tell its state.") : el("pre", {}, said.state))
          : el("p", { class: "quiet" }, "It has not answered yet: it is busy with a message.")),
      said && said.log && el("section", { class: "card", "data-key": "log" }, el("h2", {}, "Last events"),
        el("pre", {}, said.log.map(line => `${line.what.padEnd(5)} ${line.text}\n`).join("") || "none yet")),
      ties.length > 0 && el("section", { class: "card", "data-key": "ties" }, ties),
      page.crashes.length > 0 && el("section", { class: "card", "data-key": "crashes" },
        el("h2", {}, "Crashes of this child"), page.crashes.map(incident))));
}

// ---- Top, crashes. ----

const ORDERS = { messages: "Messages", queue: "Queue", runs: "Runs", time: "Run time", busy: "Busy" };
const SAY = {
  messages: ["in a second", f => short(f)], queue: ["waiting", f => count(f)], runs: ["in a second", f => short(f)],
  time: ["of one processor", f => `${(f * 100).toFixed(1)} %`],
  busy: ["with one message", f => time(f * 1000)],
};

async function viewTop(stale, by) {
  by = ORDERS[by] ? by : "messages";
  const top = await get(`/api/top?by=${by}`);
  if (stale()) return;
  const most = Math.max(1e-9, ...top.rows.map(row => row.figure));
  const [unit, say] = SAY[by];
  show(
    el("div", { class: "bar head" }, el("h1", {}, "Busiest"), el("div", { class: "tabs", role: "group", "aria-label": "Order" },
      Object.entries(ORDERS).map(([id, words]) => el("button", { type: "button", "data-go": `#/top/${id}`, "aria-pressed": String(id === by) }, words)))),
    el("div", { class: "card flush wide" }, top.rows.length === 0 ? el("p", { class: "quiet bar" }, "Nothing is busy.") : el("table", {},
      el("thead", {}, el("tr", {}, el("th", {}, "Process"), el("th", {}, "Pid"), el("th", { class: "number" }, `${ORDERS[by]} ${unit}`),
        el("th", { "aria-label": "Share" }), el("th", { class: "number" }, "Queue"), el("th", {}, "Doing"))),
      el("tbody", {}, top.rows.map(row => el("tr", { "data-key": row.pid },
        el("td", { class: "clip" }, link(row.pid, named(row))), el("td", {}, el("span", { class: "pid quiet" }, row.pid)),
        el("td", { class: "number" }, say(row.figure)), el("td", {}, el("meter", { min: 0, max: most, value: row.figure, "aria-label": "Share of the busiest" })),
        el("td", { class: "number" }, count(row.queue)), el("td", { class: "quiet clip" }, row.doing)))))));
}

function incident(one) {
  const words = { crash: "crashed", restart: "was restarted", restart_failed: "could not be restarted", gave_up: "was given up", application: "" };
  return el("div", { class: `crash-item ${one.kind}`, "data-key": `incident ${one.id}` },
    el("div", { class: "bar" }, one.label ? el("b", {}, one.label) : "", one.pid ? link(one.pid) : "", el("span", {}, words[one.kind] || ""),
      one.same > 1 && badge(`${one.same} of this child`, "bad"), el("span", { class: "grow" }), el("time", { class: "quiet" }, clock(one.time))),
    el("p", {}, one.reason),
    one.state && el("pre", { class: "state", "aria-label": "The state in which it crashed" }, one.state),
    (one.place || one.parent) && el("p", { class: "quiet" }, one.place ? [el("code", {}, one.place), " "] : "",
      one.parent ? [one.kind === "crash" ? "under " : "by ", link(one.parent)] : ""),
    one.running && one.running.total > 0 && el("p", { class: "quiet" }, "of this spec now: ", one.running.first.map(peer => [link(peer.pid), " "]),
      one.running.total > one.running.first.length ? `and ${count(one.running.total - one.running.first.length)} more` : ""));
}

async function viewCrashes(stale) {
  const all = await get("/api/crashes");
  if (stale()) return;
  const section = (words, list, none) => el("section", { class: "card" }, el("h2", {}, words),
    list.length ? list.map(incident) : el("p", { class: "quiet" }, none));
  show(el("div", { class: "bar head" }, el("h1", {}, "Crashes"),
      el("span", { class: "quiet" }, `${plural(all.crashes, "crash", "crashes")} and ${plural(all.restarts, "restart")} since the observer was started`)),
    el("div", { class: "columns" }, section("Crashes", all.list, "Nothing has crashed."),
      section("What followed", all.others, "Nothing was restarted.")));
}

// ---- System. ----

function plot(words, values, say) {
  const most = Math.max(1e-9, ...values), n = Math.max(values.length - 1, 1);
  const points = values.map((value, index) => `${(index / n * 300).toFixed(1)},${(70 - value / most * 64).toFixed(1)}`);
  const last = values.length ? values[values.length - 1] : 0;
  return el("figure", { class: "card plot", "data-key": `plot ${words}` },
    el("figcaption", {}, el("span", {}, words), el("b", {}, say(last))),
    svg("svg", { viewBox: "0 0 300 74", preserveAspectRatio: "none", role: "img", "aria-label": `${words}: now ${say(last)}, at most ${say(most < 1e-6 ? 0 : most)}` },
      points.length > 1 && svg("polygon", { class: "area", points: `0,70 ${points.join(" ")} 300,70` }),
      svg("line", { class: "base", x1: 0, x2: 300, y1: 70, y2: 70 }),
      points.length > 1 && svg("polyline", { class: "curve", points: points.join(" ") })));
}
function table(heads, rows) {
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, heads.map(head => el("th", {}, head)))),
    el("tbody", {}, rows.map(cells => el("tr", {}, cells.map(cell => el("td", {}, cell)))))));
}
const rates = (history, name) => history.map((one, index) => {
  const before = history[index - 1];
  return before && one.at > before.at ? (one[name] - before[name]) * 60000 / (one.at - before.at) : 0;
});

async function viewSystem(stale) {
  const about = await get("/api/system");
  if (stale()) return;
  const now = about.now, history = about.history, line = name => history.map(one => one[name]);
  const facts = [
    ["Executor", `${about.runtime}, ${plural(about.parallelism, "processor")}`], ["Process of the machine", about.os_pid],
    ["Version", about.version], ["Processes", count(now.processes)], ["Timers", count(now.timers)], ["Names", count(now.names)],
    ["Tables", count(about.table_count)], ["Nodes", count(about.nodes.length)],
    ["Crashes, restarts", `${count(now.crashes)}, ${count(now.restarts)}`],
    ["Stuck, by the watchdog", about.health.stuck ? `${about.health.stuck}, ${time(about.health.longest)}` : "none"],
    ["A look takes", `${(now.took / 1000).toFixed(1)} ms`], ["Observer", about.writable ? "writable with a token" : "read-only"],
  ];
  const section = (words, rows, heads) => rows.length > 0 && el("section", { class: "card flush", "data-key": words }, el("h2", {}, words), table(heads, rows));
  show(el("div", { class: "bar head" }, el("h1", {}, "System"), el("span", { class: "quiet" }, "the last minutes in which somebody looked")),
    el("div", { class: "plots" }, plot("Messages in a second", line("messages"), short), plot("Messages waiting", line("queued"), short),
      plot("Processes", line("processes"), short), plot("Ready to run", line("runnable"), short),
      plot("Crashes in a minute", rates(history, "crashes"), short), plot("Timers", line("timers"), short)),
    el("div", { class: "card" }, el("dl", { class: "facts" }, facts.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))))),
    section("Applications", about.applications.map(app => [app.master ? link(app.master, app.name) : app.name,
      badge(app.state, app.state === "running" ? "good" : "warn"), app.version, app.dependencies.join(", "), app.description]),
    ["Name", "State", "Version", "Depends on", "What it is for"]),
    el("div", { class: "columns" },
      section("Names", about.names.map(one => [one.name, link(one.pid)]), ["Name", "Process"]),
      section("Tables", about.tables.map(one => [one.name || one.id, one.kind, count(one.rows), link(one.owner), el("code", {}, `${one.key} → ${one.value}`)]),
        ["Name", "Kind", "Rows", "Owner", "Types"]),
      section("Pools", about.pools.map(one => [link(one.pid, one.name || one.pid), `${count(one.workers)} of ${count(one.limit)}`, count(one.busy), count(one.waiting)]),
        ["Name", "Workers", "Busy", "Waiting"]),
      section("Registries", about.registries.map(one => [link(one.pid, one.name), count(one.entries)]), ["Name", "Entries"]),
      section("Groups", about.groups.map(one => [link(one.pid, one.name), count(one.groups), count(one.members)]), ["Scope", "Groups", "Members"]),
      section("Nodes", about.nodes.map(one => [one.name, one.creation]), ["Name", "Creation"])));
}

// ---- Search. ----

async function viewSearch(stale, words) {
  const found = await get(`/api/search?q=${encodeURIComponent(words)}`);
  if (stale()) return;
  show(el("div", { class: "bar head" }, el("h1", {}, "Found"), el("span", { class: "quiet" },
      `${found.more ? "more than " : ""}${plural(found.rows.length, "process", "processes")} with “${words}”`)),
    found.rows.length > 0 && el("div", { class: "card flush wide" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Process", "Pid", "Type", "Doing", "Queue"].map(head => el("th", {}, head)))),
      el("tbody", {}, found.rows.map(row => el("tr", { "data-key": row.pid }, el("td", { class: "clip" }, link(row.pid, named(row))),
        el("td", {}, el("span", { class: "pid quiet" }, row.pid)), el("td", {}, row.type || ""), el("td", { class: "quiet clip" }, row.doing), el("td", { class: "number" }, count(row.queue))))))));
}

// ---- Timeline. ----

const line = { pids: [], names: new Map(), events: [], stop: null, limit: { events: 200, seconds: 30 }, states: false };
const KEPT = 600;

async function viewTimeline(stale, pid) {
  if (pid) {
    history.replaceState(null, "", "#/timeline");
    addTraced(`<${bare(pid)}>`);
    try {
      const page = await get(`/api/process?pid=${encodeURIComponent(pid)}`);
      line.names.set(page.process.pid, named(page.process));
      line.offers = [...page.links.first, ...(page.parent ? [page.parent] : [])].filter(one => !line.pids.includes(one.pid)).slice(0, 12);
    } catch (error) { notice(error.message); }
  }
  if (stale()) return;
  const field = (name, words, max) => el("label", {}, `${words} `, el("input", { type: "number", min: 1, max, value: line.limit[name], "data-limit": name }));
  show(el("div", { class: "bar head" }, el("h1", {}, "Timeline"), el("span", { class: "quiet" }, "what processes handle and answer, in order")),
    el("div", { class: "card" },
      el("div", { class: "bar" }, el("div", { class: "chips" }, line.pids.map(one => el("span", { class: "chip", "data-key": one },
          link(one, line.names.get(one) || one), el("button", { type: "button", "data-drop": one, "aria-label": `Leave ${one} out` }, "×")))),
        el("form", { "data-add": true }, el("input", { name: "pid", placeholder: "Add: name or pid", "aria-label": "Add a process by its name or pid", autocomplete: "off" })),
        field("events", "Events", 2000), field("seconds", "Seconds", 300), el("span", { class: "grow" }),
        el("label", {}, el("input", { type: "checkbox", class: "plain", "data-states": true, checked: line.states }), " states"),
        el("button", { type: "button", class: line.stop ? "" : "main", "data-trace": true, disabled: !writable || line.pids.length === 0 }, line.stop ? "Stop" : "Trace")),
      line.offers && line.offers.length > 0 && el("p", { class: "quiet" }, "Linked: ", line.offers.map(one =>
        [el("button", { type: "button", "data-offer": one.pid, "data-words": one.label || "" }, `+ ${one.label || one.pid}`), " "])),
      !writable && el("p", { class: "quiet" }, "The observer is read-only. Observer::writable lets those who know its token trace.")),
    line.events.length > 0 && el("div", { class: "card wide" }, sequence()));
}
function addTraced(pid, words) {
  if (!line.pids.includes(pid) && line.pids.length < 12) line.pids.push(pid);
  if (words) line.names.set(pid, words);
}
async function addNamed(words) {
  if (/^<?\d+\.\d+\.\d+>?$/.test(words)) addTraced(`<${bare(words)}>`);
  else {
    const found = await get(`/api/search?q=${encodeURIComponent(words)}&limit=5`);
    if (!found.rows.length) return notice(`There is no process “${words}”.`);
    const exact = found.rows.find(row => named(row) === words) || found.rows[0];
    addTraced(exact.pid, named(exact));
  }
  refresh();
}
async function trace() {
  if (line.stop) { line.stop.abort(); line.stop = null; return refresh(); }
  if (!await unlocked()) return;
  const stop = line.stop = new AbortController();
  line.events = [];
  const pids = line.pids.map(pid => `pid=${bare(pid)}`).join("&");
  try {
    const response = await post(`/api/trace?${pids}&events=${line.limit.events}&seconds=${line.limit.seconds}`, stop.signal);
    if (!response.ok) {
      if (response.status === 401) { token = ""; sessionStorage.removeItem("token"); lock(); }
      throw new Error((await response.json()).error);
    }
    refresh();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) break;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) if (part.startsWith("data: ")) line.events.push(JSON.parse(part.slice(6)));
      line.events.splice(0, line.events.length - KEPT);
      refresh();
    }
  } catch (error) { if (error.name !== "AbortError") notice(error.message); }
  if (line.stop === stop) line.stop = null;
  refresh();
}

// A message to a process that comes while another traced one is in the middle of its own is drawn as sent by that one. The
// library does not say who sent a message: an arrow between two processes is a conclusion.
function sequence() {
  const events = [...line.events].sort((a, b) => a.at - b.at).filter(event => line.states || event.what !== "state");
  const all = [...line.events].sort((a, b) => a.at - b.at);
  const lanes = [...new Set([...line.pids, ...all.map(event => event.pid)])].filter(Boolean);
  const gap = Math.max(190, Math.min(300, 1000 / (lanes.length + 1))), x = pid => 130 + gap * (lanes.indexOf(pid) + 0.5);
  const open = [], drawn = [], acts = [];
  let y = 66;
  const start = all.length ? all[0].at : 0;
  for (const event of all) {
    const at = x(event.pid);
    if (event.what === "in") {
      const from = [...open].reverse().find(one => one.pid !== event.pid);
      y += 26;
      drawn.push(arrow(from ? x(from.pid) : 40, at, y, "in", event, start, !!from));
      const before = open.findIndex(one => one.pid === event.pid);
      if (before >= 0) acts.push([open.splice(before, 1)[0], y]);
      open.push({ pid: event.pid, y, from: from && from.pid });
    } else if (event.what === "out") {
      const one = open.find(one => one.pid === event.pid);
      y += 26;
      drawn.push(arrow(at, one && one.from ? x(one.from) : 40, y, "out", event, start, true));
    } else {
      if (line.states) {
        y += 26;
        drawn.push(svg("text", { x: at + 12, y: y + 4, class: "quiet" }, clip(event.text, 34), svg("title", {}, event.text)));
      }
      const before = open.findIndex(one => one.pid === event.pid);
      if (before >= 0) acts.push([open.splice(before, 1)[0], y + 8]);
    }
  }
  for (const one of open) acts.push([one, y + 14]);
  const width = 130 + gap * lanes.length + 30, height = y + 40;
  return svg("svg", { class: "sequence", width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${events.length} events of ${lanes.length} processes` },
    svg("line", { class: "life", x1: 40, x2: 40, y1: 50, y2: height - 6 }), svg("text", { x: 40, y: 30, "text-anchor": "middle", class: "quiet" }, "others"),
    lanes.map(pid => [svg("line", { class: "life", x1: x(pid), x2: x(pid), y1: 50, y2: height - 6 }),
      svg("rect", { class: "box", x: x(pid) - gap / 2 + 12, y: 8, width: gap - 24, height: 40, rx: 7 }),
      svg("text", { x: x(pid), y: 25, "text-anchor": "middle" }, clip(line.names.get(pid) || pid, 26)),
      svg("text", { x: x(pid), y: 41, "text-anchor": "middle", class: "quiet" }, pid)]),
    acts.map(([one, end]) => svg("rect", { class: "act", x: x(one.pid) - 5, y: one.y - 4, width: 10, height: Math.max(8, end - one.y + 4), rx: 3 })),
    drawn);
}
const clip = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);
function arrow(from, to, y, kind, event, start) {
  const way = to > from ? 1 : -1, end = to - way * 6, left = Math.min(from, to);
  const words = clip(event.text, Math.max(12, Math.floor(Math.abs(to - from) / 7.2)));
  return svg("g", {}, svg("title", {}, `${event.what} ${event.text}${event.skipped ? ` (${event.skipped} skipped before)` : ""}, after ${((event.at - start) / 1000).toFixed(3)} ms`),
    svg("line", { class: kind, x1: from, x2: end, y1: y, y2: y }),
    svg("path", { class: `tip-${kind}`, d: `M${end} ${y} l${-way * 8} -4 v8 z` }),
    svg("text", { x: left + 12, y: y - 5 }, words),
    svg("text", { x: 4, y: y + 4, class: "quiet", "font-size": 10 }, `${((event.at - start) / 1000).toFixed(1)}`));
}

// ---- Where one is, and what is new. ----

const VIEWS = { tree: viewTree, process: viewProcess, top: viewTop, crashes: viewCrashes, system: viewSystem, timeline: viewTimeline, search: viewSearch };
let round = 0, running = false, again = false;

function where() {
  const [, view, ...rest] = location.hash.split("/");
  if (!Object.hasOwn(VIEWS, view || "")) return ["tree"];
  if (!rest.length) return [view];
  const what = rest.join("/");
  // Somebody may have written it by hand.
  try { return [view, decodeURIComponent(what)]; } catch { return [view, what]; }
}
async function refresh() {
  if (running) { again = true; return; }
  running = true;
  do {
    again = false;
    const at = round, [view, what] = where();
    try { await VIEWS[view](() => at !== round, what); }
    catch (error) { if (at === round && error.message !== "Failed to fetch") notice(error.message); }
  } while (again);
  running = false;
}
function moved() {
  round++;
  let [view, what] = where();
  if (view === "tree" && what) {
    // The children of one process.
    tree.open.set(`<${bare(what)}>`, { from: 0 });
    history.replaceState(null, "", "#/tree");
    tree.seen = true;
    showAncestors(what);
  }
  for (const link of document.querySelectorAll("nav a")) {
    const is = link.hash === `#/${view}`;
    if (is) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  document.title = `${view} · observer`;
  scrollTo(0, 0);
  refresh();
}
async function showAncestors(pid) {
  try {
    const page = await get(`/api/process?pid=${encodeURIComponent(pid)}`);
    for (const one of page.ancestors) if (!tree.open.has(one.pid)) tree.open.set(one.pid, { from: 0 });
    refresh();
  } catch (error) { notice(error.message); }
}
function totals(now) {
  const one = (figure, words) => el("span", {}, el("b", {}, figure), ` ${words}`);
  morph(document.getElementById("totals"), el("div", { id: "totals", role: "status", "aria-label": "The system now" },
    one(count(now.processes), "processes"), one(short(now.messages), "messages/s"), one(short(now.queued), "waiting"),
    one(count(now.runnable), "ready"), one(count(now.crashes), now.crashes === 1 ? "crash" : "crashes"), one(count(now.restarts), now.restarts === 1 ? "restart" : "restarts"),
    el("span", { class: "live" }, el("span", { class: "dot on" }), " live")));
}
let events, retry;
function watch() {
  clearTimeout(retry);
  if (events) events.close();
  // A tab that nobody sees does not look.
  if (document.hidden) return;
  const source = events = new EventSource("/api/events");
  source.addEventListener("totals", event => { totals(JSON.parse(event.data)); if (!document.hidden && where()[0] !== "timeline" && where()[0] !== "search") refresh(); });
  source.addEventListener("incident", () => { if (where()[0] === "crashes") refresh(); });
  source.addEventListener("error", () => {
    const live = document.querySelector("#totals .live");
    if (live) live.replaceChildren(el("span", { class: "dot off" }), " not connected");
    if (source === events && source.readyState === EventSource.CLOSED) retry = setTimeout(watch, 5000);
  });
}

addEventListener("hashchange", moved);
document.addEventListener("visibilitychange", watch);
document.addEventListener("click", event => {
  const hit = name => { const target = event.target.closest(`[data-${name}]`); return target && !target.disabled ? target.dataset : null; };
  let data;
  if (event.target.closest(".skip")) {
    // Its target is no view.
    event.preventDefault();
    return document.getElementById("view").focus();
  }
  if ((data = hit("fold")) && data.fold) return fold(data.fold);
  if ((data = hit("page")) && data.page !== undefined) return turn(data.page, Number(data.to));
  if ((data = hit("act"))) {
    const ends = { kill: "Kill", shutdown: "Shut down" }[data.act];
    if (ends && !confirm(`${ends} ${data.pid}?`)) return;
    return act(data.pid, data.act);
  }
  if ((data = hit("go"))) { location.hash = data.go; return; }
  if ((data = hit("drop"))) { line.pids = line.pids.filter(pid => pid !== data.drop); return refresh(); }
  if ((data = hit("offer"))) { addTraced(data.offer, data.words); line.offers = line.offers.filter(one => one.pid !== data.offer); return refresh(); }
  if (hit("trace")) return trace();
  if (event.target.id === "cancel") return document.getElementById("token").close();
  if (event.target.id === "unlock") {
    if (token) { token = ""; sessionStorage.removeItem("token"); lock(); } else unlocked();
    return;
  }
  const item = event.target.closest(".tree .node");
  if (item) focusTree(all => all.indexOf(item));
});
document.addEventListener("change", event => {
  const { jump, limit, states } = event.target.dataset;
  if (jump !== undefined) { turn(jump, Number(event.target.value) - 1); event.target.value = ""; }
  if (limit) line.limit[limit] = Number(event.target.value) || 1;
  if (states !== undefined) { line.states = event.target.checked; refresh(); }
});
document.addEventListener("submit", event => {
  if (event.target.id === "search") {
    event.preventDefault();
    const words = event.target.q.value.trim();
    if (words) location.hash = `#/search/${encodeURIComponent(words)}`;
  } else if (event.target.dataset.add !== undefined) {
    event.preventDefault();
    const input = event.target.pid, words = input.value.trim();
    input.value = "";
    if (words) addNamed(words).catch(error => notice(error.message));
  }
});
document.addEventListener("keydown", event => {
  treeKey(event);
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.nodeName)) {
    event.preventDefault();
    document.querySelector("#search input").focus();
  }
});
get("/api/system").then(about => { writable = about.writable; lock(); totals(about.now); }).catch(() => {}).finally(() => { moved(); watch(); });
