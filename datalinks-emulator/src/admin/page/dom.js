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

/**
 * Shows other children in an element. A child with the same tag and `data-key` as before is changed and not replaced if the
 * order is the same, so it keeps the focus and a press of the mouse. It also keeps its listeners, which must depend on nothing
 * but the key.
 */
export function update(parent, ...children) {
  const stay = new Set(children.map(identity));
  for (const old of [...parent.childNodes]) if (!stay.has(identity(old))) old.remove();
  let old = parent.firstChild;
  for (const child of children) {
    if (old && identity(old) === identity(child)) {
      adopt(old, child);
      old = old.nextSibling;
    } else {
      parent.insertBefore(child, old);
    }
  }
  while (old) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

const identity = (node) => `${node.nodeName} ${node.dataset?.key ?? ""}`;

/** Gives an element, or a text, the attributes and the content of another one. */
function adopt(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  update(old, ...fresh.childNodes);
}

export const count = (number) => number.toLocaleString("en");

/** "1 row", "2 rows". */
export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** Creates a badge with the label of a response. */
export const badge = (label) => el("span", { class: `badge ${label}` }, label);
