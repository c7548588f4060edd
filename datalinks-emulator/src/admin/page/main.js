// The entry point of the page, which refreshes its parts.

import { get } from "./api.js";
import { countResponses, showCoverage } from "./coverage.js";
import { showDatasets } from "./datasets.js";
import { $ } from "./dom.js";
import { showFacts } from "./facts.js";
import { showFaults, startFaults } from "./faults.js";
import { draw, fillTable, showLinks } from "./picture.js";
import { follow } from "./requests.js";
import { startState } from "./state.js";

/** Interval of refreshes in ms. The state can change without a request, for example by an ingestion in the background. */
const INTERVAL = 4000;
/** Delay after a request in ms, so that one refresh follows many concurrent requests. */
const SOON = 150;

/** After a refresh, the page waits for this many times its duration, so that it does not slow down the emulator. */
const SHARE = 10;
/** Longest such wait in ms. */
const LONGEST = 2000;

let timer = null;
let due = Infinity;
let refreshing = false;
let pause = 0;

async function refresh() {
  due = Infinity;
  if (refreshing) return later(SOON);
  if (document.hidden) return later(INTERVAL);
  refreshing = true;
  const begun = performance.now();
  try {
    const overview = await get("overview");
    pause = Math.min(LONGEST, (performance.now() - begun) * SHARE);
    showFacts(overview);
    showDatasets(overview);
    showLinks(overview);
    await showFaults();
    showAlarm(null);
  } catch (error) {
    showAlarm(error instanceof TypeError ? "The emulator does not respond. This page continues when it does." : error.message);
  }
  refreshing = false;
  later(INTERVAL);
}

/** Schedules a refresh in this many ms. An earlier one stays, so that a steady flow of requests cannot postpone it. */
function later(wait) {
  const when = performance.now() + Math.max(wait, pause);
  if (when >= due) return;
  clearTimeout(timer);
  due = when;
  timer = setTimeout(refresh, when - performance.now());
}

function showAlarm(message) {
  $("alarm").hidden = !message;
  $("alarm").textContent = message ?? "";
}

function pulse(alive) {
  $("pulse").textContent = alive ? "live" : "no connection";
  $("pulse").classList.toggle("alive", alive);
}

function enlarge() {
  const large = document.body.classList.toggle("picture-only");
  $("picture-large").setAttribute("aria-pressed", String(large));
  $("picture-large").textContent = large ? "Shrink" : "Enlarge";
  draw();
}

$("links-below").addEventListener("toggle", fillTable);
$("show-suggested").addEventListener("change", draw);
$("picture-large").addEventListener("click", enlarge);
new ResizeObserver(() => requestAnimationFrame(draw)).observe($("picture"));
document.addEventListener("visibilitychange", () => document.hidden || later(0));
startFaults();
startState(() => later(0));
follow((records) => {
  countResponses(records);
  // Another emulator may support other operations.
  if (records === null) showCoverage().catch(({ message }) => showAlarm(message));
  later(SOON);
}, pulse);
await refresh();
