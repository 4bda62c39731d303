// Owns reading a comment as GitHub does (CommonMark 0.31, GFM): what of it is code, and what is everything else. Strict:
// throws at markup that Charter does not write. Written apart from what writes it.

export interface Read {
  /** All that is not code, with a mark where code stands. */
  readonly prose: string;
  readonly code: readonly string[];
}

const TAGS = /^(?:<details>|<details open>|<\/details>|<summary>|<\/summary>|<code>|<\/code>)$/;

export function readComment(text: string): Read {
  const prose: string[] = [];
  const code: string[] = [];
  const lines = text.split('\n');
  const [first = ''] = lines;
  // HTML block of kind 2: to the first end of a comment, which is that of the line.
  if (!first.startsWith('<!-- ') || first.indexOf('-->') !== first.length - 3) throw new Error(`marker: ${first}`);
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^ {0,3}~{3,}/.test(line) || /^(?: {4}|\t)/.test(line)) throw new Error(`code that is no fence: ${line}`);
    const fence = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (fence !== null) {
      const [, ticks = '', info = ''] = fence;
      if (!['text', 'diff', 'yaml'].includes(info)) throw new Error(`info: ${info}`);
      const end = lines.findIndex(
        (other, position) => position > at && /^ {0,3}`+[ \t]*$/.test(other) && other.trim().length >= ticks.length,
      );
      if (end < 0) throw new Error('a fence without an end');
      code.push(lines.slice(at + 1, end).join('\n'));
      prose.push('▒');
      at = end;
    } else if (/^ {0,3}<\/?(?:details|summary)/.test(line)) {
      // HTML block of kind 6: to the next empty line, and no Markdown in it.
      const end = lines.findIndex((other, position) => position > at && other.trim() === '');
      prose.push(readHtml(lines.slice(at, end < 0 ? lines.length : end).join('\n'), code));
      at = (end < 0 ? lines.length : end) - 1;
    } else {
      const end = lines.findIndex(
        (other, position) => position > at && (other.trim() === '' || /^ {0,3}(```|<)/.test(other)),
      );
      const last = end < 0 ? lines.length : end;
      prose.push(readInline(lines.slice(at, last).join('\n'), code));
      at = last - 1;
    }
  }
  return { prose: prose.join('\n'), code };
}

function readHtml(html: string, code: string[]): string {
  let inCode = false;
  return html
    .split(/(<[^>]*>)/)
    .map((part) => {
      if (!part.startsWith('<')) {
        if (!inCode) return part;
        code.push(decode(part));
        return '▒';
      }
      if (!TAGS.test(part)) throw new Error(`a tag: ${part}`);
      if (part === '<code>') inCode = true;
      if (part === '</code>') inCode = false;
      return part;
    })
    .join('');
}

function decode(text: string): string {
  if (/[<>"']|&(?!#\d+;)/.test(text)) throw new Error(`bare in HTML: ${text}`);
  return text.replace(/&#(\d+);/g, (_all, number: string) => String.fromCodePoint(Number(number)));
}

/** Code spans (CommonMark 6.1): a run of backticks to the next one that is as long. */
function readInline(text: string, code: string[]): string {
  let prose = '';
  let rest = text;
  for (;;) {
    const opening = /`+/.exec(rest);
    if (opening === null) return prose + plain(rest);
    const [ticks] = opening;
    const behind = rest.slice(opening.index + ticks.length);
    const closing = [...behind.matchAll(/`+/g)].find(([run]) => run.length === ticks.length);
    if (closing === undefined) throw new Error(`a backtick without another: ${rest}`);
    prose += `${plain(rest.slice(0, opening.index))}▒`;
    code.push(behind.slice(0, closing.index));
    rest = behind.slice(closing.index + ticks.length);
  }
}

/** No tag, link, mention, number of an issue, table, math or escape; bold, headings and quotes are Charter's. */
function plain(text: string): string {
  const markup = /[<\\@|$~]|\]\(|!\[(?!CAUTION\]|WARNING\])|#\d|\bGH-\d|https?:|www\.|&#/.exec(text);
  if (markup !== null)
    throw new Error(`markup outside of code: ${text.slice(Math.max(0, markup.index - 20), markup.index + 20)}`);
  return text;
}
