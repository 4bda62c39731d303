// Owns one quoted line as a terminal can show it: no control characters, tabs as spaces, a bounded width.
// Never knows what the line means.

export interface Quoted {
  readonly text: string;
  /** Columns of the terminal before the carets. */
  readonly before: number;
  /** How many carets. At least one. */
  readonly width: number;
}

/** A line of which a stretch, in code units, is marked. */
export interface Marked {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const TAB_WIDTH = 4;
/** Lines up to this width are shown whole. */
const WIDEST = 120;
/** What is kept of a longer line on each side of the carets, and of what they mark. */
const KEPT_BEFORE = 60;
const KEPT_MARKED = 60;
const KEPT_AFTER = 40;

/** Characters that move the cursor, colour the terminal, or show text in another order than it is read (CVE-2021-42574). */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Writes control and bidirectional characters as `\u{…}`. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}

/** Replaces tabs by spaces up to the next tab stop; `column` is where the text begins. */
export function expandTabs(text: string, column: number): string {
  let out = '';
  for (const part of text.split(/(\t)/)) {
    out += part === '\t' ? ' '.repeat(TAB_WIDTH - ((column + displayWidth(out)) % TAB_WIDTH)) : part;
  }
  return out;
}

const COMBINING = /\p{Mn}|\p{Me}/u;
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|[\u{20000}-\u{3FFFD}]/u;

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** What cutAround can make use of, and rather more: measuring the whole of a long line takes long. */
const WINDOW = 400;

/** A marked line without what lies far from the marks and what lies far behind their beginning. */
export function windowOf(line: Marked): Marked {
  const first = Math.max(0, line.from - WINDOW);
  const to = Math.min(line.to, line.from + WINDOW);
  // What is marked goes on behind the window, or something unmarked does: either way it is cut there.
  const last = Math.min(line.text.length, to + WINDOW);
  return {
    text: line.text.slice(first, line.to > to ? to : last),
    from: line.from - first,
    to: to - first,
  };
}

/** Puts the three parts of a line together; of a long line what is near the marked part, with `…` for the rest. */
export function cutAround(before: string, marked: string, after: string): Quoted {
  const head = [...before];
  const middle = [...marked];
  const tail = [...after];
  if (displayWidth(before + marked + after) <= WIDEST) {
    return { text: before + marked + after, before: displayWidth(before), width: Math.max(1, displayWidth(marked)) };
  }
  const left = head.length > KEPT_BEFORE ? `…${head.slice(-KEPT_BEFORE).join('')}` : before;
  const kept = middle.length > KEPT_MARKED ? `${middle.slice(0, KEPT_MARKED).join('')}…` : marked;
  const right = tail.length > KEPT_AFTER ? `${tail.slice(0, KEPT_AFTER).join('')}…` : after;
  return { text: `${left}${kept}${right}`, before: displayWidth(left), width: Math.max(1, displayWidth(kept)) };
}
