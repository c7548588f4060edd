// Where the datasets and the links of the picture go. The same input gives the same picture.
//
// Linked datasets stand in columns by their distance from a middle one, so that every link leads to the next
// column, or stays in its own, and never runs across a dataset. Each dataset may be the middle once; the best is
// kept. Groups that no link connects are put side by side.

export const CARD = 176;
export const HEAD = 44;
export const ROW = 20;
const FOOT = 6;
const GUTTER = 104;
const GAP = 18;
const BETWEEN = 44;
const EDGE = 14;
/** So many datasets of a group are tried as the middle at the most, and fewer where many links have to be compared. */
const TRIED = 40;
const COMPARED = 400_000;

/**
 * `nodes`: `{ id, columns }`, the columns that links end at. `edges`: `{ from, to }`, each `{ id, column }`.
 * `width`: how wide the picture may be before a new row of groups is begun.
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
  const lines = labelled(edges.map((edge, index) => line(edge, offsets[index], cards)), [...cards.values()]);
  return {
    cards: [...cards.values()],
    lines,
    width: Math.max(below.width, size.width) + 2 * EDGE,
    height: Math.max(below.height, size.height) + 2 * EDGE,
  };
}

const heightOf = ({ columns }) => HEAD + (columns.length ? columns.length * ROW + FOOT : 0);
/** How far below the top of its dataset a column's links end. */
const portOf = ({ columns }, column) => HEAD + columns.indexOf(column) * ROW + ROW / 2;

/** The datasets at the other ends of each dataset's links, in the order of the links. */
function neighbours(edges) {
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

/** The groups that links connect, in the order of their first datasets. */
function connected(nodes, edges) {
  const others = neighbours(edges);
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

/** One group, around the middle that gives the clearest picture. */
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

/** The datasets by their distance from the middle: what hangs on its one side to the left, on the other to the right. */
function levels(nodes, edges, middle) {
  const others = nodes.filter((node) => node !== middle);
  const rest = edges.filter(({ from, to }) => from.id !== middle.id && to.id !== middle.id);
  const branches = connected(others, rest).sort((a, b) => b.nodes.length - a.nodes.length);
  const level = new Map([[middle.id, 0]]);
  const linked = neighbours(edges);
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

/** Every link that leaves its column, as the places of its two ends in columns `at` and `at + 1`. */
function between(layers, edges) {
  const places = new Map();
  layers.forEach((layer, at) => layer.forEach((node, index) => places.set(node.id, { at, index, node })));
  return edges.flatMap(({ from, to }) => {
    const ends = [from, to].map(({ id, column }) => {
      const { at, index, node } = places.get(id);
      return { at, id, column, rank: index + (node.columns.indexOf(column) + 1) / (node.columns.length + 2) };
    });
    ends.sort((a, b) => a.at - b.at);
    return ends[0].at === ends[1].at ? [] : [ends];
  });
}

/** How many links cross. Where there are very many, nobody could tell, and they are not compared. */
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

/** Sorts every column by where its links lead, to and fro, and keeps the order with the fewest crossings. */
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
      const wish = new Map(now[at].map((node, index) => [node.id, sums.has(node.id) ? sums.get(node.id)[0] / sums.get(node.id)[1] : index]));
      now[at] = [...now[at]].sort((a, b) => wish.get(a.id) - wish.get(b.id));
    }
    const crossed = crossings(now, edges);
    if (crossed < fewest) [best, fewest] = [now, crossed];
  }
  return best;
}

/** Gives every dataset its place: near to the height of what it is linked to, one below the other. */
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
    // A link within the outermost column bulges out of it.
    width: columns.length * (CARD + GUTTER) - GUTTER + (inLast(columns, edges) ? GUTTER / 2 : 0),
    height: Math.max(...all.map((card) => card.y + card.h)),
  };
}

function inLast(columns, edges) {
  const last = new Set(columns.at(-1).map((card) => card.id));
  return edges.some(({ from, to }) => last.has(from.id) && last.has(to.id));
}

/** The two ends of all links by the dataset of the first one. */
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

/** Where a card would like its top to be: level with the other ends of its links. */
function preferredY(card, cards, ends) {
  const wanted = (ends.get(card.id) ?? []).flatMap(([own, other]) => {
    const there = cards.get(other.id);
    return there.x === card.x ? [] : [there.y + portOf(there, other.column) - portOf(card, own.column)];
  });
  return wanted.length ? wanted.reduce((sum, y) => sum + y, 0) / wanted.length : card.y;
}

/** Moves the cards of a column as near to where they want to be as their order and the gaps allow. */
function spread(column, wish) {
  const blocks = [];
  let offset = 0;
  for (const card of column) {
    blocks.push({ sum: wish(card) - offset, cards: [[card, offset]] });
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

/** Puts groups side by side, in rows no wider than `width` unless one group is. */
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

/** The curve of a link, as the four points of a Bézier curve. */
function line(edge, lane, cards) {
  const [from, to] = [cards.get(edge.from.id), cards.get(edge.to.id)];
  const y1 = from.y + portOf(from, edge.from.column);
  const y2 = to.y + portOf(to, edge.to.column);
  const offset = 16 * lane;
  if (from === to) {
    // A loop on the right, where there is always room. Where both ends are one column, it opens above and below it.
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

/** How far each link is shifted to one side, so that links between the same two columns stay apart. */
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

/** Where on its line a label may be, the best place first. */
const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86];

/** Gives every line the first place for its label where no other label and no card is; short lines choose first. */
function labelled(lines, cards) {
  const taken = cards.map(({ x, y, w, h }) => ({ x, y, w, h }));
  const compared = lines.length * (lines.length + cards.length) <= COMPARED;
  const labels = new Map();
  const reach = ({ points: [a, , , d] }) => Math.abs(a[0] - d[0]) + Math.abs(a[1] - d[1]);
  for (const line of [...lines].sort((a, b) => reach(a) - reach(b))) {
    const w = 10 + 7 * line.edge.label.length;
    const boxes = PLACES.map((t) => {
      const [x, y] = on(line.points, t);
      return { x: x - w / 2, y: y - 9, w, h: 18 };
    });
    // Where there are very many, labels may overlap: each would have to be compared with all before it.
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
