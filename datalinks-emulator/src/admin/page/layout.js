// The layout of the diagram of datasets and links. Equal inputs give equal layouts.
//
// Linked datasets are arranged in columns by their distance from a central dataset. Every link leads to the next column or
// stays in its own, so it never crosses a dataset. The layout tries several central datasets and uses the best. Groups
// without a link between them are arranged side by side.

export const CARD = 176;
export const HEAD = 44;
export const ROW = 20;
const FOOT = 6;
const GUTTER = 104;
const GAP = 18;
const BETWEEN = 44;
const EDGE = 14;
/** Maximum number of central datasets to try. Fewer are tried if many links have to be compared. */
const TRIED = 40;
const COMPARED = 400_000;

/**
 * `nodes`: `{ id, columns }`, the columns that links end at. `edges`: `{ from, to }`, each `{ id, column }`.
 * `width`: maximum width of a row of groups.
 */
export function layout(nodes, edges, width) {
  const groups = connected(nodes, edges);
  const linked = groups.filter((group) => group.edges.length > 0).map((group) => arranged(group, width));
  const alone = groups.filter((group) => group.edges.length === 0).map((group) => single(group.nodes[0]));
  linked.sort((a, b) => b.width * b.height - a.width * a.height);
  const cards = new Map();
  const below = shelves(linked, width, BETWEEN, 0, cards);
  const size = shelves(alone, Math.max(width, below.width), GAP, below.height && below.height + BETWEEN, cards);
  const offsets = linkOffsets(edges);
  const lines = labeled(edges.map((edge, index) => line(edge, offsets[index], cards)), [...cards.values()]);
  return {
    cards: nodes.map(({ id }) => cards.get(id)),
    lines,
    width: Math.max(below.width, size.width) + 2 * EDGE,
    height: Math.max(below.height, size.height) + 2 * EDGE,
  };
}

const heightOf = ({ columns }) => HEAD + (columns.length ? columns.length * ROW + FOOT : 0);
/** Vertical offset of a column's link ends from the top of its dataset. */
const portOf = ({ columns }, column) => HEAD + columns.indexOf(column) * ROW + ROW / 2;

/** Returns the linked datasets of each dataset, in the order of the links. */
function neighbors(edges) {
  const all = new Map();
  const add = (id, other) => {
    if (!all.has(id)) all.set(id, []);
    all.get(id).push(other);
  };
  for (const { from, to } of edges) {
    add(from.id, to.id);
    add(to.id, from.id);
  }
  return all;
}

/** Returns the connected groups, in the order of their first datasets. */
function connected(nodes, edges) {
  const others = neighbors(edges);
  const group = new Map();
  const groups = [];
  for (const start of nodes) {
    if (group.has(start.id)) continue;
    const ids = new Set([start.id]);
    for (const id of ids) {
      for (const other of others.get(id) ?? []) ids.add(other);
    }
    for (const id of ids) group.set(id, groups.length);
    groups.push({ nodes: [], edges: [] });
  }
  for (const node of nodes) groups[group.get(node.id)].nodes.push(node);
  for (const edge of edges) groups[group.get(edge.from.id)].edges.push(edge);
  return groups;
}

function single(node) {
  return { width: CARD, height: heightOf(node), cards: [{ ...node, x: 0, y: 0, w: CARD, h: heightOf(node), level: 0 }] };
}

/** Arranges one group around the central dataset with the best layout. */
function arranged({ nodes, edges }, width) {
  const degrees = new Map(nodes.map((node) => [node.id, 0]));
  for (const { from, to } of edges) {
    for (const id of new Set([from.id, to.id])) degrees.set(id, degrees.get(id) + 1);
  }
  const degree = (node) => degrees.get(node.id);
  const tried = Math.max(1, Math.min(TRIED, Math.floor(COMPARED / edges.length ** 2)));
  const middles = [...nodes].sort((a, b) => degree(b) - degree(a)).slice(0, tried);
  let best = null;
  for (const middle of middles) {
    const layers = ordered(levels(nodes, edges, middle), edges);
    const placed = stacked(layers, edges);
    const squeeze = Math.max(1, placed.width / width, placed.height / (width * 0.8));
    const cost = squeeze + crossings(layers, edges) * 0.08;
    if (best === null || cost < best.cost) best = { cost, placed };
  }
  return best.placed;
}

/** Returns the datasets by their distance from the central one. Branches are distributed to its left and right. */
function levels(nodes, edges, middle) {
  const others = nodes.filter((node) => node !== middle);
  const rest = edges.filter(({ from, to }) => from.id !== middle.id && to.id !== middle.id);
  const branches = connected(others, rest).sort((a, b) => b.nodes.length - a.nodes.length);
  const level = new Map([[middle.id, 0]]);
  const linked = neighbors(edges);
  const sides = { right: 0, left: 0 };
  for (const branch of branches) {
    const right = sides.right <= sides.left;
    sides[right ? "right" : "left"] += branch.nodes.reduce((sum, node) => sum + heightOf(node), 0);
    const inside = new Set(branch.nodes.map((node) => node.id));
    const queue = [middle.id];
    for (const id of queue) {
      for (const next of linked.get(id) ?? []) {
        if (!inside.has(next) || level.has(next)) continue;
        level.set(next, level.get(id) + (right ? 1 : -1));
        queue.push(next);
      }
    }
  }
  const lowest = Math.min(...level.values());
  const layers = Array.from({ length: Math.max(...level.values()) - lowest + 1 }, () => []);
  for (const node of nodes) layers[level.get(node.id) - lowest].push({ ...node, level: level.get(node.id) });
  return layers;
}

/** Returns every link between two columns, as the positions of its ends in columns `at` and `at + 1`. */
function between(layers, edges) {
  const positions = new Map();
  layers.forEach((layer, at) => layer.forEach((node, index) => positions.set(node.id, { at, index, node })));
  return edges.flatMap(({ from, to }) => {
    const ends = [from, to].map(({ id, column }) => {
      const { at, index, node } = positions.get(id);
      return { at, id, column, rank: index + (node.columns.indexOf(column) + 1) / (node.columns.length + 2) };
    });
    ends.sort((a, b) => a.at - b.at);
    return ends[0].at === ends[1].at ? [] : [ends];
  });
}

/** Returns the number of crossings. Returns 0 for very many links, because the comparison is quadratic. */
function crossings(layers, edges) {
  if (edges.length ** 2 > COMPARED) return 0;
  const all = between(layers, edges);
  let crossed = 0;
  all.forEach(([a, b], index) => {
    for (const [c, d] of all.slice(index + 1)) {
      if (a.at === c.at && (a.rank - c.rank) * (b.rank - d.rank) < 0) crossed += 1;
    }
  });
  return crossed;
}

/** Sorts each column by the other ends of its links in alternating passes, and returns the order with the fewest crossings. */
function ordered(layers, edges) {
  let best = layers;
  let fewest = crossings(layers, edges);
  let now = layers;
  for (let round = 0; round < 8 && fewest > 0; round += 1) {
    const forth = round % 2 === 0;
    now = [...now];
    const order = now.map((_, at) => at);
    for (const at of forth ? order : order.reverse()) {
      const sums = new Map();
      for (const [left, right] of between(now, edges)) {
        const [own, other] = forth ? [right, left] : [left, right];
        if (own.at !== at) continue;
        const [sum, number] = sums.get(own.id) ?? [0, 0];
        sums.set(own.id, [sum + other.rank, number + 1]);
      }
      const preferred = new Map(now[at].map((node, index) => [node.id, sums.has(node.id) ? sums.get(node.id)[0] / sums.get(node.id)[1] : index]));
      now[at] = [...now[at]].sort((a, b) => preferred.get(a.id) - preferred.get(b.id));
    }
    const crossed = crossings(now, edges);
    if (crossed < fewest) [best, fewest] = [now, crossed];
  }
  return best;
}

/** Positions the datasets of each column below each other, near the height of their linked datasets. */
function stacked(layers, edges) {
  const cards = new Map();
  const columns = layers.map((layer, at) => {
    let y = 0;
    return layer.map((node) => {
      const card = { ...node, x: at * (CARD + GUTTER), y, w: CARD, h: heightOf(node) };
      y += card.h + GAP;
      cards.set(card.id, card);
      return card;
    });
  });
  const tallest = columns.reduce((tall, column, at) => (column.length > columns[tall].length ? at : tall), 0);
  const outward = columns.map((_, at) => at).filter((at) => at !== tallest).sort((a, b) => Math.abs(a - tallest) - Math.abs(b - tallest));
  const ends = linkEnds(edges);
  for (const at of [...outward, ...outward, ...outward]) spread(columns[at], (card) => preferredY(card, cards, ends));
  const all = [...cards.values()];
  const top = Math.min(...all.map((card) => card.y));
  for (const card of all) card.y = Math.round(card.y - top);
  return {
    cards: all,
    // A link within the last column extends to its right.
    width: columns.length * (CARD + GUTTER) - GUTTER + (inLast(columns, edges) ? GUTTER / 2 : 0),
    height: Math.max(...all.map((card) => card.y + card.h)),
  };
}

function inLast(columns, edges) {
  const last = new Set(columns.at(-1).map((card) => card.id));
  return edges.some(({ from, to }) => last.has(from.id) && last.has(to.id));
}

/** Returns the ends of all links by dataset, each with the opposite end. */
function linkEnds(edges) {
  const ends = new Map();
  for (const { from, to } of edges) {
    for (const pair of [[from, to], [to, from]]) {
      if (!ends.has(pair[0].id)) ends.set(pair[0].id, []);
      ends.get(pair[0].id).push(pair);
    }
  }
  return ends;
}

/** Returns the preferred top of a card, at which its links are horizontal on average. */
function preferredY(card, cards, ends) {
  const tops = (ends.get(card.id) ?? []).flatMap(([own, other]) => {
    const target = cards.get(other.id);
    return target.x === card.x ? [] : [target.y + portOf(target, other.column) - portOf(card, own.column)];
  });
  return tops.length ? tops.reduce((sum, y) => sum + y, 0) / tops.length : card.y;
}

/** Moves the cards of a column as near to their preferred tops as their order and the gaps allow. */
function spread(column, preferredTop) {
  const blocks = [];
  let offset = 0;
  for (const card of column) {
    blocks.push({ sum: preferredTop(card) - offset, cards: [[card, offset]] });
    offset += card.h + GAP;
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2);
      if (before.sum / before.cards.length <= last.sum / last.cards.length) break;
      blocks.splice(-2, 2, { sum: before.sum + last.sum, cards: [...before.cards, ...last.cards] });
    }
  }
  for (const { sum, cards } of blocks) {
    for (const [card, own] of cards) card.y = sum / cards.length + own;
  }
}

/** Arranges groups side by side, in rows of at most `width`. A wider group gets a separate row. */
function shelves(groups, width, gap, top, cards) {
  let [x, y, tall, wide] = [0, top, 0, 0];
  for (const group of groups) {
    if (x > 0 && x + group.width > width) [x, y, tall] = [0, y + tall + gap, 0];
    for (const card of group.cards) cards.set(card.id, { ...card, x: card.x + x + EDGE, y: card.y + y + EDGE });
    wide = Math.max(wide, x + group.width);
    tall = Math.max(tall, group.height);
    x += group.width + gap;
  }
  return { width: wide, height: groups.length ? y + tall : 0 };
}

/** Returns the four points of the Bézier curve of a link. */
function line(edge, lane, cards) {
  const [from, to] = [cards.get(edge.from.id), cards.get(edge.to.id)];
  const y1 = from.y + portOf(from, edge.from.column);
  const y2 = to.y + portOf(to, edge.to.column);
  const offset = 16 * lane;
  if (from === to) {
    // A self-link is a loop on the right, where there is always space. If both ends are the same column, it extends above and
    // below the column.
    const x = from.x + from.w;
    const far = x + 40 + Math.min(24, Math.abs(y2 - y1) / 8) + offset;
    const open = y1 === y2 ? 2 * ROW + offset : 0;
    return { edge, points: [[x, y1], [far, y1 - open], [far, y2 + open], [x, y2]] };
  }
  if (from.x === to.x) {
    const left = from.level < 0;
    const x = left ? from.x : from.x + from.w;
    const far = x + (left ? -1 : 1) * (40 + Math.min(40, Math.abs(y2 - y1) / 8) + offset);
    return { edge, points: [[x, y1], [far, y1], [far, y2], [x, y2]] };
  }
  const right = from.x < to.x;
  const [x1, x2] = right ? [from.x + from.w, to.x] : [from.x, to.x + to.w];
  const half = (x1 + x2) / 2;
  return { edge, points: [[x1, y1], [half, y1 + offset * 2], [half, y2 + offset * 2], [x2, y2]] };
}

/** Returns the sideways offset of each link, which separates links between the same two columns. */
function linkOffsets(edges) {
  const ends = edges.map(({ from, to }) => [from, to].map(({ id, column }) => JSON.stringify([id, column])).sort().join());
  const [all, seen] = [new Map(), new Map()];
  for (const end of ends) all.set(end, (all.get(end) ?? 0) + 1);
  return ends.map((end) => {
    const before = seen.get(end) ?? 0;
    seen.set(end, before + 1);
    return before - (all.get(end) - 1) / 2;
  });
}

/** Possible positions of a label on its line, the best first. */
const POSITIONS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86];

/** Positions the label of each line where it overlaps no other label and no card. Short lines are labeled first. */
function labeled(lines, cards) {
  const taken = cards.map(({ x, y, w, h }) => ({ x, y, w, h }));
  const compared = lines.length * (lines.length + cards.length) <= COMPARED;
  const labels = new Map();
  const reach = ({ points: [a, , , d] }) => Math.abs(a[0] - d[0]) + Math.abs(a[1] - d[1]);
  for (const line of [...lines].sort((a, b) => reach(a) - reach(b))) {
    const w = 10 + 7 * line.edge.label.length;
    const boxes = POSITIONS.map((t) => {
      const [x, y] = on(line.points, t);
      return { x: x - w / 2, y: y - 9, w, h: 18 };
    });
    // With very many lines, labels may overlap, because the comparison is quadratic.
    const free = compared ? boxes.find((box) => !taken.some((other) => overlap(box, other))) ?? boxes[0] : boxes[0];
    taken.push(free);
    labels.set(line, free);
  }
  return lines.map((line) => ({ ...line, label: labels.get(line) }));
}

const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function on([a, b, c, d], t) {
  const s = 1 - t;
  return [0, 1].map((i) => s ** 3 * a[i] + 3 * s * s * t * b[i] + 3 * s * t * t * c[i] + t ** 3 * d[i]);
}
