// The list of datasets, and the dialog with the first rows of a dataset.

import { get } from "./api.js";
import { $, count, counted, el, update } from "./dom.js";

/** A unique string for each dataset. */
export const key = ({ owner, namespace, dataset }) => JSON.stringify([owner, namespace, dataset]);

/** The namespaces in their order. The index of a namespace determines its color. */
export const spaces = (datasets) => [...new Set(datasets.map(({ owner, namespace }) => JSON.stringify([owner, namespace])))];

export const hue = (all, { owner, namespace }) => `hue-${all.indexOf(JSON.stringify([owner, namespace])) % 6}`;

export function showDatasets({ user, datasets }) {
  const rows = datasets.reduce((sum, dataset) => sum + dataset.rows, 0);
  $("datasets-count").textContent = `${count(datasets.length)} · ${counted(rows, "row")}`;
  const all = spaces(datasets);
  const groups = all.map((space) => {
    const own = datasets.filter(({ owner, namespace }) => JSON.stringify([owner, namespace]) === space);
    const [{ owner, namespace }] = own;
    const title = el("span", { class: "name" }, owner === user ? null : el("span", { class: "quiet" }, `${owner} / `), namespace);
    const head = el("h3", null, el("span", { class: `dot ${hue(all, own[0])}` }), title, el("span", { class: "quiet" }, "rows × columns"));
    return el("div", { class: "group", "data-key": space }, head, el("ul", { class: "rows" }, own.map(entry)));
  });
  update($("dataset-list"), ...(groups.length ? groups : [noDatasets()]));
}

function entry(dataset) {
  const size = `${counted(dataset.rows, "row")}, ${counted(dataset.columns, "column")}`;
  const button = el(
    "button",
    { type: "button", class: "dataset" },
    el("span", { class: "name" }, dataset.dataset),
    el("span", { class: "size", title: size, "aria-label": size, role: "img" }, `${count(dataset.rows)} × ${count(dataset.columns)}`),
    dataset.description ? el("span", { class: "about" }, dataset.description) : null,
  );
  button.addEventListener("click", () => openRows(dataset));
  return el("li", { "data-key": key(dataset) }, button);
}

function noDatasets() {
  return el(
    "p",
    { class: "none" },
    "No dataset yet. Create one with ",
    el("code", null, "POST /api/v1/ingest/new/NAMESPACE/DATASET"),
  );
}

/** Preserves the digits of numbers, in browsers that support it. */
const exact = (_, value, context) =>
  typeof value === "number" && context?.source !== undefined && JSON.rawJSON ? JSON.rawJSON(context.source) : value;

/** Shows the first rows of a dataset, optionally sorted by a column. */
export async function openRows(dataset, sort = null, direction = "ASC") {
  const { owner, namespace, dataset: name } = dataset;
  const parameters = { owner, namespace, dataset: name, ...(sort === null ? {} : { sort, direction }) };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  $("rows-title").textContent = `${namespace} / ${name}`;
  const [head, body] = $("rows-table").children;
  head.replaceChildren();
  body.replaceChildren();
  $("rows-about").textContent = "…";
  $("rows-query").textContent = "";
  if (!$("rows").open) $("rows").showModal();
  try {
    const { columns, descriptions, rows, total, query: text } = await get(`rows?${query.join("&")}`, exact);
    const all = Number(total.rawJSON ?? total);
    const shown = all > rows.length ? `the first ${rows.length} of ${counted(all, "row")}` : counted(all, "row");
    $("rows-about").textContent = `${shown}, ${counted(columns.length, "column")}`;
    $("rows-query").textContent = text;
    const titles = columns.map((column) => {
      const description = Object.hasOwn(descriptions ?? {}, column) ? descriptions[column] : null;
      const numbers = rows.every((row) => !Object.hasOwn(row, column) || row[column] === null || isNumber(row[column]));
      const order = column !== sort ? null : direction === "ASC" ? "ascending" : "descending";
      const button = el("button", { type: "button", class: "sort", title: `Sort by ${column}` }, column);
      button.addEventListener("click", () => openRows(dataset, column, order === "ascending" ? "DESC" : "ASC"));
      const attributes = { scope: "col", class: numbers ? "number" : null, "aria-sort": order };
      return el("th", attributes, button, description ? el("small", null, description) : null);
    });
    head.replaceChildren(el("tr", null, titles));
    // The pressed button was replaced, so the new one gets the focus.
    if (sort !== null) titles[columns.indexOf(sort)]?.querySelector(".sort").focus();
    body.replaceChildren(...rows.map((row) => el("tr", null, columns.map((column) => cell(row, column)))));
  } catch (error) {
    $("rows-about").textContent = error.message;
  }
}

const isNumber = (value) => typeof value === "number" || Boolean(JSON.isRawJSON?.(value));

function cell(row, column) {
  if (!Object.hasOwn(row, column)) return el("td", { class: "quiet" }, "");
  const value = row[column];
  if (value === null) return el("td", { class: "quiet" }, "null");
  if (isNumber(value)) return el("td", { class: "number" }, JSON.stringify(value));
  return el("td", null, typeof value === "string" ? value : JSON.stringify(value));
}
