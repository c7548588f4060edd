// The diagram of datasets and links, and the table of links.

import { hue, key, openRows, spaces } from "./datasets.js";
import { $, count, counted, el, svg, update } from "./dom.js";
import { HEAD, layout, ROW } from "./layout.js";

/** Symbols of match types, so that they differ by more than their color. */
const SIGNS = { ExactMatch: "=", GeoMatch: "◎" };
/** With more links than this, all links between two datasets are drawn as one line. */
const MANY = 120;
/** Smallest readable scale. Larger diagrams scroll. */
const SMALLEST = 0.68;

let shown = null;

export function showLinks(overview) {
  const { links } = overview;
  const suggested = links.filter((link) => !link.active).length;
  $("links-count").textContent = links.length ? count(links.length) + (suggested ? ` · ${suggested} suggested` : "") : "none";
  const now = JSON.stringify([overview.user, overview.datasets, links]);
  if (shown?.now === now) return;
  shown = { now, overview };
  fillTable();
  draw();
}

/** Fills the table if it is open. */
export function fillTable() {
  const links = $("links-below").open && shown ? shown.overview.links : [];
  $("link-table").tBodies[0].replaceChildren(...links.map(tableRow));
}

/** Draws the diagram again, for example after a change of its size. */
export function draw() {
  if (!shown) return;
  const { datasets } = shown.overview;
  const box = $("picture");
  if (!datasets.length) {
    update(box, el("p", { class: "none" }, "Datasets and the links between them appear here."));
    return;
  }
  const before = box.querySelector("svg")?.getAttribute("viewBox");
  update(box, picture(shown.overview, box.clientWidth, box.clientHeight));
  if (box.firstElementChild.getAttribute("viewBox") !== before) showBusiest(box);
  const lit = box.querySelector(".card:hover") ?? box.querySelector(".card:focus");
  highlight(lit?.dataset.key, lit !== null);
}

/** Scrolls a new diagram to the dataset with the most linked columns. */
function showBusiest(box) {
  const cards = [...box.querySelectorAll(".card")];
  const busy = cards.reduce((most, card) => (card.childElementCount > most.childElementCount ? card : most));
  const [frame, card] = [box.getBoundingClientRect(), busy.getBoundingClientRect()];
  box.scrollLeft += card.left + card.width / 2 - frame.left - frame.width / 2;
  box.scrollTop += card.top + card.height / 2 - frame.top - frame.height / 2;
}

const end = ({ owner, namespace, dataset, column }, user) => `${owner === user ? "" : `${owner}/`}${namespace}/${dataset}.${column}`;

function tableRow(link) {
  const { user } = shown.overview;
  return el(
    "tr",
    null,
    el("td", null, end(link.from, user)),
    el("td", null, end(link.to, user)),
    el("td", null, link.kind),
    el("td", { class: "number" }, count(link.hits)),
    el("td", null, link.active ? "active" : "suggested"),
  );
}

function picture({ user, datasets, links: all }, width, height) {
  const links = $("show-suggested").checked ? all : all.filter((link) => link.active);
  const edges = links.length > MANY ? bundles(links, user) : links.map((link) => single(link, user));
  const columns = new Map(datasets.map((dataset) => [key(dataset), new Set()]));
  for (const { id, column } of edges.flatMap(({ from, to }) => [from, to])) {
    if (column !== null) columns.get(id)?.add(column);
  }
  const nodes = datasets.map((dataset) => ({ id: key(dataset), dataset, columns: [...columns.get(key(dataset))] }));
  const plan = layout(nodes, edges, Math.max(width - 40, 320) / (datasets.length > 8 ? 0.8 : 1));
  const scale = Math.min(1, Math.max(SMALLEST, Math.min((width - 4) / plan.width, (height - 4) / plan.height)));
  const hues = spaces(datasets);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${plan.width} ${plan.height}`,
      width: Math.round(plan.width * scale),
      height: Math.round(plan.height * scale),
      role: "group",
      "aria-label": `${counted(datasets.length, "dataset")}, ${counted(links.length, "link")}`,
    },
    svg("g", null, plan.lines.map((line) => curve(line))),
    svg("g", null, plan.cards.map((card) => box(card, hue(hues, card.dataset)))),
    svg("g", null, plan.lines.map(pill)),
  );
}

const at = (end, column) => ({ id: key(end), column });

/** Returns the edge of one link. */
function single(link, user) {
  const { hits, kind, active } = link;
  const about = `${end(link.from, user)} → ${end(link.to, user)}: ${kind}, ${counted(hits, "hit")}, ${active ? "active" : "suggested"}`;
  const label = `${SIGNS[kind] ?? "?"} ${count(hits)}`;
  return { link, label, about, from: at(link.from, link.from.column), to: at(link.to, link.to.column) };
}

/** Returns one edge for all links between two datasets. */
function bundles(links, user) {
  const pairs = new Map();
  for (const link of links) {
    const pair = [key(link.from), key(link.to)].sort().join();
    if (!pairs.has(pair)) pairs.set(pair, []);
    pairs.get(pair).push(link);
  }
  return [...pairs.values()].map((pair) => {
    const [{ from: one, to: other }] = pair;
    const active = pair.filter((link) => link.active).length;
    const kind = pair.every((link) => link.kind === "GeoMatch") ? "GeoMatch" : "ExactMatch";
    const name = ({ owner, namespace, dataset }) => `${owner === user ? "" : `${owner}/`}${namespace}/${dataset}`;
    const about = `${name(one)} and ${name(other)}: ${counted(pair.length, "link")}, ${count(active)} of them active`;
    return { link: { kind, active: active > 0 }, label: counted(pair.length, "link"), about, from: at(one, null), to: at(other, null) };
  });
}

const style = ({ kind, active }) => `${kind === "GeoMatch" ? "geo" : "exact"}${active ? "" : " suggested"}`;

function curve({ edge, points }) {
  const [a, b, c, d] = points.map((point) => point.map((n) => Math.round(n * 10) / 10).join(" "));
  return svg(
    "g",
    { class: `line ${style(edge.link)}`, "data-from": edge.from.id, "data-to": edge.to.id },
    svg("path", { d: `M${a} C${b} ${c} ${d}` }),
    [points[0], points[3]].map(([cx, cy]) => svg("circle", { cx, cy, r: 3 })),
  );
}

function pill({ edge, label }) {
  const { x, y, w, h } = label;
  return svg(
    "g",
    { class: `pill ${style(edge.link)}`, "data-from": edge.from.id, "data-to": edge.to.id, role: "img", "aria-label": edge.about },
    svg("title", null, edge.about),
    svg("rect", { x, y, width: w, height: h, rx: h / 2 }),
    svg("text", { x: x + w / 2, y: y + 13 }, edge.label),
  );
}

function box(card, color) {
  const { dataset, columns, id, x, y, w, h } = card;
  const size = counted(dataset.rows, "row");
  const name = `${dataset.namespace} / ${dataset.dataset}`;
  const group = svg(
    "g",
    { class: `card ${color}`, transform: `translate(${x} ${y})`, tabindex: 0, role: "button", "data-key": id, "aria-label": `${name}, ${size}: show rows` },
    svg("title", null, `${name}\n${size}, ${counted(dataset.columns, "column")}${dataset.description ? `\n${dataset.description}` : ""}`),
    svg("rect", { class: "back", width: w, height: h, rx: 7 }),
    svg("path", { class: "stripe", d: `M0 7a7 7 0 0 1 4-6.3v${h - 1.4}a7 7 0 0 1-4-6.3z` }),
    svg("text", { class: "name", x: 14, y: 18 }, fitting(dataset.dataset, w - 26, "600 13px")),
    svg("text", { class: "size", x: 14, y: 34 }, fitting(`${dataset.namespace} · ${size}`, w - 26, "11px")),
    columns.length ? svg("path", { class: "rule", d: `M4 ${HEAD - 2}H${w}` }) : null,
    columns.map((column, index) => svg("text", { class: "column", x: 14, y: HEAD + index * ROW + 14 }, fitting(column, w - 28, "12px"))),
  );
  group.addEventListener("click", () => openRows(dataset));
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    openRows(dataset);
  });
  for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]) {
    group.addEventListener(event, () => highlight(id, on));
  }
  return group;
}

/** Highlights one dataset and its links, or nothing. */
function highlight(id, on) {
  const root = $("picture");
  root.classList.toggle("some", on);
  const near = new Set([id]);
  for (const part of root.querySelectorAll("[data-from]")) {
    const { from, to } = part.dataset;
    const own = from === id || to === id;
    part.classList.toggle("near", on && own);
    if (own) near.add(from).add(to);
  }
  for (const card of root.querySelectorAll(".card")) card.classList.toggle("near", on && near.has(card.dataset.key));
}

const measure = document.createElement("canvas").getContext("2d");

/** Truncates a string to a width. */
function fitting(text, width, font) {
  measure.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  if (measure.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && measure.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}

