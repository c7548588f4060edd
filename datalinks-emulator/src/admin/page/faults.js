// What is going to go wrong, and a form to let more go wrong.

import { get, send } from "./api.js";
import { $, count, counted, el } from "./dom.js";

/** The ways to go wrong by their settings: in words, and what they need to know, with a first value. */
const EFFECTS = {
  delay: ["comes late", null],
  status: ["is refused", ["Status", "number", 503]],
  html: ["is refused with an HTML page", ["Status", "number", 502]],
  "expired-url": ["finds its presigned URL expired", null],
  "lose-response": ["is carried out, its answer is lost", null],
  "repeat-call": ["is carried out twice", null],
  "truncate-body": ["gets half of its answer", null],
  garbage: ["gets garbage for an answer", null],
  "without-header": ["misses a header of its answer", ["Header", "text", "x-request-id"]],
  "effective-after": ["takes effect later", ["Time", "text", "5s"]],
  "cut-bytes": ["breaks off after some bytes", ["Bytes", "number", 100]],
  "cut-after": ["breaks off after some events", ["Events", "number", 1]],
  "end-after": ["ends early, after some events", ["Events", "number", 1]],
  "garbage-after": ["gets garbage after some events", ["Events", "number", 1]],
  "repeat-event": ["gets an event twice", ["Which event", "number", 1]],
};

let shown = null;

export async function showFaults() {
  const { faults, operations, settings } = await get("faults");
  const form = $("fault-form").elements;
  if (!form.operation.length) {
    form.operation.replaceChildren(...operations.map((operation) => el("option", null, operation)));
    form.operation.value = "queryData";
    const known = Object.entries(EFFECTS).filter(([name]) => settings.includes(name));
    form.effect.replaceChildren(...known.map(([value, [words]]) => el("option", { value }, words)));
    form.effect.value = "status";
    chosen();
  }
  const now = JSON.stringify(faults);
  if (shown === now) return;
  shown = now;
  $("faults-count").textContent = faults.length ? count(faults.length) : "";
  $("faults-none").hidden = faults.length > 0;
  $("faults-clear").disabled = !faults.length;
  $("fault-list").replaceChildren(...faults.map(entry));
}

function entry(fault) {
  const effect = Object.keys(EFFECTS).find((name) => name !== "delay" && name in fault) ?? "delay";
  const [words, needs] = EFFECTS[effect];
  const button = el("button", { type: "button", "aria-label": `Take back: ${fault.text}` }, "Take back");
  button.addEventListener("click", () => change("DELETE", `faults/${fault.id}`));
  const facts = [
    needs ? `${needs[0].toLowerCase()} ${fault[effect]}` : null,
    fault["retry-after"] ? `retry after ${fault["retry-after"]}` : null,
    fault.delay ? `delay ${fault.delay}` : null,
    fault.after ? `${counted(fault.after, "call")} before it` : null,
    fault.always ? "every time" : fault.times ? `${count(fault.times)} times` : "once",
    fault.probability === undefined ? null : `with a chance of ${fault.probability}`,
  ];
  const about = el("span", null, facts.filter(Boolean).join(", "));
  return el("li", { title: fault.text }, el("div", { class: "words" }, el("strong", null, fault.operation), ` ${words}`, about), button);
}

/** Shows the fields that the chosen way to go wrong has. */
function chosen() {
  const { effect, value, retryAfter } = $("fault-form").elements;
  const needs = EFFECTS[effect.value]?.[1];
  value.closest("label").hidden = value.disabled = !needs;
  if (needs) [$("fault-value").textContent, value.type, value.value] = needs;
  retryAfter.closest("label").hidden = retryAfter.disabled = !["status", "html"].includes(effect.value);
}

/** The fault that the form describes. */
function described() {
  const { operation, effect, value, retryAfter, delay, after, times } = $("fault-form").elements;
  const fault = { operation: operation.value };
  if (effect.value !== "delay") fault[effect.value] = value.disabled || (value.type === "number" ? Number(value.value) : value.value);
  if (!retryAfter.disabled && retryAfter.value) fault["retry-after"] = retryAfter.value;
  if (delay.value) fault.delay = /^\d+$/.test(delay.value) ? `${delay.value}ms` : delay.value;
  if (Number(after.value)) fault.after = Number(after.value);
  if (!times.value) fault.always = true;
  else if (Number(times.value) !== 1) fault.times = Number(times.value);
  return fault;
}

async function change(method, place, body) {
  const error = $("fault-error");
  try {
    await send(method, place, body);
    error.hidden = true;
    await showFaults();
  } catch ({ message }) {
    error.hidden = false;
    error.textContent = message;
  }
}

export function startFaults() {
  $("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    change("POST", "faults", described());
  });
  $("fault-form").elements.effect.addEventListener("change", chosen);
  $("faults-clear").addEventListener("click", () => change("DELETE", "faults"));
}
