// The header with the settings of the emulator.

import { $, el, update } from "./dom.js";

export function showFacts(overview) {
  const others = overview.users.filter((user) => user !== overview.user);
  const facts = [
    ["API", `${location.origin}/api/v1`],
    ["User", overview.user + (others.length ? ` (and ${others.join(", ")})` : "")],
    ["Seed", overview.seed],
    ["Strict", strictness(overview.strict)],
    ["Model", overview.model ?? "none, rule-based"],
    ["Clock", clock(overview.clock)],
    ["Version", overview.version],
  ];
  update(
    $("facts"),
    ...facts.map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, String(value)))),
  );
}

function strictness({ responses, fields }) {
  if (responses && fields) return "rule-based responses and unknown fields";
  if (responses) return "rule-based responses";
  return fields ? "unknown fields" : "no";
}

function clock({ now, stopped }) {
  return stopped ? `stopped at ${now.replace("T", " ").replace(/(\.\d+)?\+00:00$/, " UTC")}` : "system clock";
}
