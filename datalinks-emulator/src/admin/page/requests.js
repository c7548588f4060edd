// The table of requests as they arrive, newest first.

import { endpoint } from "./api.js";
import { $, badge, count, el } from "./dom.js";

/** Maximum number of requests in memory, and in the table. */
const KEPT = 2000;
const SHOWN = 300;

const records = [];
const waiting = [];
let paused = false;
let total = 0;
/** The id of the emulator's log, which changes with a restart. */
let log = null;

/** Follows the requests. Calls `received` with batches of records, or with `null` when a new log begins. */
export function follow(received, connected) {
  const stream = new EventSource(endpoint("requests"));
  const batch = [];
  let due = null;
  const flush = () => {
    due = null;
    const fresh = batch.splice(0);
    (paused ? waiting : records).push(...fresh);
    total += fresh.length;
    if (!paused) show(fresh);
    summarize();
    received(fresh);
  };
  stream.addEventListener("log", ({ data }) => {
    connected(true);
    if (log !== data) clear(received);
    log = data;
  });
  stream.addEventListener("message", ({ data }) => {
    batch.push(JSON.parse(data));
    due ??= setTimeout(flush, 40);
  });
  stream.addEventListener("error", () => connected(false));
  $("pause").addEventListener("click", pause);
  for (const event of ["input", "change"]) $("request-filter").addEventListener(event, redraw);
  $("request-filter").addEventListener("submit", (event) => event.preventDefault());
}

function clear(received) {
  records.length = 0;
  waiting.length = 0;
  total = 0;
  redraw();
  received(null);
}

function pause() {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  if (!paused) {
    const fresh = waiting.splice(0);
    records.push(...fresh);
    show(fresh);
  }
  summarize();
}

function summarize() {
  $("pause").textContent = paused ? `Resume${waiting.length ? ` (${count(waiting.length)} new)` : ""}` : "Pause";
  const visible = $("request-table").tBodies[0].rows.length;
  $("requests-count").textContent = visible === total ? count(total) : `${count(visible)} of ${count(total)}`;
  $("requests-none").hidden = visible > 0;
  $("requests-none").textContent = total ? "No request matches the filter." : "No request yet.";
}

/** Inserts new records at the top. */
function show(fresh) {
  records.splice(0, Math.max(0, records.length - KEPT));
  const rows = fresh.slice(-SHOWN).filter(filter()).map(row).reverse();
  const body = $("request-table").tBodies[0];
  body.prepend(...rows);
  while (body.rows.length > SHOWN) body.lastElementChild.remove();
}

function redraw() {
  const matching = records.filter(filter()).slice(-SHOWN);
  $("request-table").tBodies[0].replaceChildren(...matching.map(row).reverse());
  summarize();
}

/** Returns a predicate for records that match the filter. */
function filter() {
  const words = $("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = $("filter-kind").value;
  return (record) => {
    const text = [record.operation, record.method, record.path, record.status, record.label, record.fault, record.id].join(" ").toLowerCase();
    const matches = !kind || (kind === "failed" ? record.status >= 400 : kind === "fault" ? record.fault : record.label === kind);
    return matches && words.every((word) => text.includes(word));
  };
}

function row(record) {
  const when = new Date(record.receivedAt);
  const time = when.toTimeString().slice(0, 8) + when.toISOString().slice(19, 23);
  const path = readable(record.path) + (record.query ? `?${record.query}` : "");
  return el(
    "tr",
    { title: `request ${record.id}` },
    el(
      "td",
      null,
      el("time", { class: "time", datetime: record.receivedAt, title: record.receivedAt }, time),
      el("span", { class: "took" }, took(record.elapsedMs)),
    ),
    el(
      "td",
      { class: "what" },
      el("span", { class: "name" }, record.operation ?? "no operation"),
      el("span", { class: "path", title: `${record.method} ${path}` }, `${record.method} ${path}`),
    ),
    el(
      "td",
      { class: "marks" },
      el("span", { class: `status s${Math.floor(record.status / 100)}` }, String(record.status)),
      " ",
      badge(record.label),
      record.fault ? [el("br"), el("span", { class: "badge fault" }, `fault: ${record.fault}`)] : null,
    ),
  );
}

function readable(path) {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

const took = (ms) => `${ms < 10 ? ms.toFixed(1) : count(Math.round(ms))} ms`;
