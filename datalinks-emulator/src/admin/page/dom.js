// Creation of elements from tags, attributes and strings. No string is parsed as HTML, so data cannot become markup.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** Creates an HTML element. Children are elements or strings, and `null` is skipped. */
export const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

/** Creates an SVG element. */
export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const count = (number) => number.toLocaleString("en");

/** "1 row", "2 rows". */
export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** Creates a badge with the label of a response. */
export const badge = (label) => el("span", { class: `badge ${label}` }, label);
