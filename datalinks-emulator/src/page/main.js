// What the page does, from its start.

import { get } from "./api.js";
import { countAnswers, showCoverage } from "./coverage.js";
import { showDatasets } from "./datasets.js";
import { $ } from "./dom.js";
import { showFacts } from "./facts.js";
import { draw, showLinks } from "./picture.js";
import { follow } from "./requests.js";

/** Something may change without a request: files are ingested in the background, a test sets the clock. */
const LOOK_AGAIN = 4000;
/** After a request, so that a hundred requests at once are looked at once. */
const SOON = 150;

let due = null;
let looking = false;

async function look() {
  clearTimeout(due);
  due = null;
  if (looking) return later(SOON);
  looking = true;
  try {
    const overview = await get("overview");
    showFacts(overview);
    showDatasets(overview);
    showLinks(overview);
    complain(null);
  } catch (error) {
    complain(error instanceof TypeError ? "The emulator does not answer. This page goes on when it does." : error.message);
  }
  looking = false;
  later(LOOK_AGAIN);
}

function later(wait) {
  clearTimeout(due);
  due = setTimeout(() => (document.hidden ? later(LOOK_AGAIN) : look()), wait);
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

$("picture-large").addEventListener("click", enlarge);
new ResizeObserver(() => requestAnimationFrame(draw)).observe($("picture"));
document.addEventListener("visibilitychange", () => document.hidden || later(0));
await showCoverage();
follow((records) => {
  countAnswers(records);
  later(SOON);
}, pulse);
await look();
