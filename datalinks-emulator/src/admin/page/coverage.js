// The table of all operations with their kind of response and their number of responses.

import { get } from "./api.js";
import { $, badge, count, el } from "./dom.js";

const LABELS = ["computed", "recorded", "partly-scripted", "scripted", "unsupported"];

const sent = new Map();
const rows = new Map();

export async function showCoverage() {
  const operations = await get("coverage");
  const body = $("coverage-table").tBodies[0];
  rows.clear();
  body.replaceChildren();
  for (const { operation, coverage } of operations) {
    const cells = LABELS.map(() => el("td", { class: "number" }));
    rows.set(operation, cells);
    body.append(el("tr", null, el("th", { scope: "row" }, operation), el("td", null, badge(coverage)), cells));
  }
  const by = LABELS.map((label) => [label, operations.filter(({ coverage }) => coverage === label).length]);
  const used = by.filter(([, number]) => number > 0);
  $("coverage-count").textContent = `${operations.length} operations`;
  $("coverage-shares").replaceChildren(...used.map(([label, number]) => share(label, number)));
  for (const operation of rows.keys()) fill(operation);
}

function share(label, number) {
  const part = el("div", { class: `share ${label}` }, el("strong", null, count(number)), ` ${label}`);
  part.style.flexGrow = number;
  return part;
}

/** Counts the responses in records of requests. `null` resets the counts. */
export function countResponses(records) {
  if (records === null) {
    sent.clear();
    for (const operation of rows.keys()) fill(operation);
    return;
  }
  const touched = new Set();
  for (const { operation, label } of records) {
    if (!operation) continue;
    const counts = sent.get(operation) ?? {};
    counts[label] = (counts[label] ?? 0) + 1;
    sent.set(operation, counts);
    touched.add(operation);
  }
  for (const operation of touched) fill(operation);
}

function fill(operation) {
  const counts = sent.get(operation) ?? {};
  rows.get(operation)?.forEach((cell, index) => {
    const number = counts[LABELS[index]] ?? 0;
    cell.textContent = number ? count(number) : "·";
    cell.classList.toggle("quiet", !number);
  });
}
