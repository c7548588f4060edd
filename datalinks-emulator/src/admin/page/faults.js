// The list of pending faults, and the form that injects faults.

import { get, send } from "./api.js";
import { $, count, counted, el, update } from "./dom.js";

/** Effects by their settings: a description, and the label, type and default of the value if there is one. */
const EFFECTS = {
  delay: ["is delayed", null],
  status: ["fails", ["Status", "number", 503]],
  html: ["fails with an HTML page", ["Status", "number", 502]],
  "expired-url": ["fails because its presigned URL has expired", null],
  "lose-response": ["runs, but its response is lost", null],
  "repeat-call": ["runs twice", null],
  "truncate-body": ["returns half of its body", null],
  garbage: ["returns garbage", null],
  "without-header": ["returns a response without a header", ["Header", "text", "x-request-id"]],
  "effective-after": ["takes effect later", ["Delay", "text", "5s"]],
  "cut-bytes": ["loses its connection after some bytes", ["Bytes", "number", 100]],
  "cut-after": ["loses its connection after some events", ["Events", "number", 1]],
  "end-after": ["ends after some events", ["Events", "number", 1]],
  "garbage-after": ["returns a garbage event after some events", ["Events", "number", 1]],
  "repeat-event": ["returns an event twice after some events", ["Events", "number", 1]],
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
  update($("fault-list"), ...faults.map(entry));
}

function entry(fault) {
  const effect = Object.keys(EFFECTS).find((name) => name !== "delay" && name in fault) ?? "delay";
  const [words, needs] = EFFECTS[effect];
  const button = el("button", { type: "button", "aria-label": `Remove: ${fault.text}` }, "Remove");
  button.addEventListener("click", () => change("DELETE", `faults/${fault.id}`));
  const facts = [
    needs ? `${needs[0].toLowerCase()} ${fault[effect]}` : null,
    fault["retry-after"] ? `retry after ${fault["retry-after"]}` : null,
    fault.delay ? `delay ${fault.delay}` : null,
    fault.above === undefined ? null : `above ${counted(fault.above, "call")} per second`,
    fault.after ? `${counted(fault.after, "call")} skipped` : null,
    fault.always ? "every time" : fault.times ? `${count(fault.times)} times` : "once",
    fault.probability === undefined ? null : `probability ${fault.probability}`,
  ];
  const about = el("span", null, facts.filter(Boolean).join(", "));
  const text = el("div", { class: "words" }, el("strong", null, fault.operation), ` ${words}`, about);
  return el("li", { title: fault.text, "data-key": fault.id }, text, button);
}

/** Shows the fields that the chosen way to go wrong has. */
function chosen() {
  const { effect, value, retryAfter } = $("fault-form").elements;
  const needs = EFFECTS[effect.value]?.[1];
  value.closest("label").hidden = value.disabled = !needs;
  if (needs) [$("fault-value").textContent, value.type, value.value] = needs;
  retryAfter.closest("label").hidden = retryAfter.disabled = !["status", "html"].includes(effect.value);
}

/** Returns the fault in the form. */
function faultInForm() {
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

async function change(method, endpoint, body) {
  const error = $("fault-error");
  try {
    await send(method, endpoint, body);
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
    change("POST", "faults", faultInForm());
  });
  $("fault-form").elements.effect.addEventListener("change", chosen);
  $("faults-clear").addEventListener("click", () => change("DELETE", "faults"));
}
