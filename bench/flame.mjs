// Owns the picture of a profile: a bar for each call path, as wide as its share of the time, under the bar of what called it. Never
// measures. A page that loads a viewer is no file that a reader of the repository can look at, so it is drawn here.

const WIDTH = 1600;
const ROW = 17;
const TEXT = 6.6;
/** Bars that would be narrower are left out, in pixels. */
const NARROWEST = 0.7;
const COLOURS = ['#f4a261', '#8ecae6', '#b7e4c7', '#ffd166', '#d8b4e2', '#f7b2ad', '#cdd5df', '#e9ecef'];

/**
 * An SVG. `tree` is `{ name, group, self, children }`, of microseconds; groups take colours in the order of `groups`.
 */
export function flameGraph(tree, groups, title) {
  const total = totalOf(tree);
  const bars = [];
  let depth = 0;
  const draw = (node, level, from) => {
    const width = (node.total / total) * WIDTH;
    if (width < NARROWEST) return;
    depth = Math.max(depth, level);
    bars.push({ ...node, level, from, width });
    let at = from;
    for (const child of [...node.children].sort((a, b) => b.total - a.total)) {
      draw(child, level + 1, at);
      at += (child.total / total) * WIDTH;
    }
  };
  draw(tree, 0, 0);
  const head = 2 * ROW + 10;
  let keyed = 0;
  const key = groups.map((group, at) => {
    const from = keyed;
    keyed += 30 + group.length * TEXT;
    return (
      `<rect x="${from.toFixed(1)}" y="${ROW}" width="12" height="12" fill="${COLOURS[at % COLOURS.length]}"/>` +
      `<text x="${(from + 16).toFixed(1)}" y="${ROW + 10}">${escaped(group)}</text>`
    );
  });
  const drawn = bars.map(({ name, group, level, from, width, total: time }) => {
    const y = head + level * ROW;
    const colour = COLOURS[groups.indexOf(group) % COLOURS.length] ?? '#ffffff';
    const share = `${((100 * time) / total).toFixed(1)} %`;
    const letters = Math.floor((width - 6) / TEXT);
    const label = letters < 3 ? '' : name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
    return (
      `<g><title>${escaped(name)} (${escaped(group)}): ${share}</title>` +
      `<rect x="${from.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour}"/>` +
      `${label === '' ? '' : `<text x="${(from + 3).toFixed(1)}" y="${y + 12}">${escaped(label)}</text>`}</g>`
    );
  });
  const height = head + (depth + 1) * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="0" y="12" font-weight="bold">${escaped(title)}</text>`,
    ...key,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** Sets `total`, of a node with all that it called. */
function totalOf(node) {
  node.total = node.self + node.children.reduce((sum, child) => sum + totalOf(child), 0);
  return node.total;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
