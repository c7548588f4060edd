// What the page does, from its start.

import { get } from "./api.js";
import { countAnswers, showCoverage } from "./coverage.js";
import { showDatasets } from "./datasets.js";
import { $ } from "./dom.js";
import { showFacts } from "./facts.js";
import { showFaults, startFaults } from "./faults.js";
import { draw, fillTable, showLinks } from "./picture.js";
import { follow } from "./requests.js";
import { startState } from "./state.js";

/** Something may change without a request: files are ingested in the background, a test sets the clock. */
const LOOK_AGAIN = 4000;
/** After a request, so that a hundred requests at once are looked at once. */
const SOON = 150;

/** Where looking takes a while, the emulator has so many times as long for others before the next look. */
const SHARE = 10;
/** But nobody waits longer than this for what has changed. */
const LONGEST = 2000;

let timer = null;
let due = Infinity;
let looking = false;
let pause = 0;

async function look() {
  due = Infinity;
  if (looking) return later(SOON);
  if (document.hidden) return later(LOOK_AGAIN);
  looking = true;
  const begun = performance.now();
  try {
    const overview = await get("overview");
    pause = Math.min(LONGEST, (performance.now() - begun) * SHARE);
    showFacts(overview);
    showDatasets(overview);
    showLinks(overview);
    await showFaults();
    complain(null);
  } catch (error) {
    complain(error instanceof TypeError ? "The emulator does not answer. This page goes on when it does." : error.message);
  }
  looking = false;
  later(LOOK_AGAIN);
}

/** Looks again after so many milliseconds, if it does not anyway: a steady flow of requests must not put it off. */
function later(wait) {
  const when = performance.now() + Math.max(wait, pause);
  if (when >= due) return;
  clearTimeout(timer);
  due = when;
  timer = setTimeout(look, when - performance.now());
}

function complain(message) {
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
  countAnswers(records);
  // Another emulator may answer otherwise.
  if (records === null) showCoverage().catch(({ message }) => complain(message));
  later(SOON);
}, pulse);
await look();
