// Owns what the tests of the page run inside the browser: a script that is there before the page's own. Never part of the product.

const numbers = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);

/** Relative luminance, of WCAG 2.2. */
const light = (color) => {
  const [r = 0, g = 0, b = 0] = numbers(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const ratio = (one, other) => {
  const [a, b] = [light(one), light(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};

const behind = (of) => {
  for (let at = of; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if ((numbers(backgroundColor)[3] ?? 1) > 0) return backgroundColor;
  }
  return 'rgb(255, 255, 255)';
};

const TEXTS = 'h1, h2, h3, p, dt, dd, label, li, small, .where, button, select:enabled';

globalThis.inPage = {
  focused: () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id,

  /** The text of the page that can be read worst: how, and which. */
  worstContrast() {
    const found = [];
    for (const text of document.querySelectorAll('.node text')) {
      const card = text.parentElement?.querySelector('.card');
      found.push([ratio(getComputedStyle(text).fill, getComputedStyle(card).fill), text.textContent]);
    }
    for (const text of document.querySelectorAll(TEXTS)) {
      if (text.textContent?.trim()) found.push([ratio(getComputedStyle(text).color, behind(text)), text.textContent]);
    }
    return found.sort(([a], [b]) => a - b)[0];
  },

  /** The texts of the nodes that Mermaid, which is loaded, draws of a text. */
  async drawMermaid(text) {
    globalThis.mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' });
    const { svg } = await globalThis.mermaid.render('picture', text);
    const drawn = document.getElementById('drawn');
    drawn.innerHTML = svg;
    return [...drawn.querySelectorAll('.node')].map((node) => node.textContent);
  },
};
