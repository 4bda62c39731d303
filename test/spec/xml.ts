// Owns reading the XML that the JUnit output may hold: elements, attributes, text and the five entities. Strict: throws
// at anything else. Never meant for documents of others.

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The root of a document. */
export function parseXml(document: string): Element {
  if (!document.startsWith(DECLARATION)) throw new Error('no XML declaration');
  const [root, rest] = parseElement(document.slice(DECLARATION.length));
  if (rest.trim() !== '') throw new Error(`behind the root: ${rest.slice(0, 40)}`);
  return root;
}

export function textOf(element: Element): string {
  return element.text + element.children.map(textOf).join('');
}

function parseElement(source: string): [Element, string] {
  const tag = /^<([a-z-]+)((?: [a-z-]+="[^"<]*")*)(\/?)>/.exec(source);
  if (tag === null) throw new Error(`no tag: ${source.slice(0, 60)}`);
  const [whole, name = '', written = '', end] = tag;
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of written.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, key)) throw new Error(`${key} twice`);
    attributes[key] = decode(value);
  }
  let rest = source.slice(whole.length);
  if (end === '/') return [{ name, attributes, children: [], text: '' }, rest];
  const children: Element[] = [];
  let text = '';
  while (!rest.startsWith('</')) {
    const next = rest.indexOf('<');
    if (next < 0) throw new Error(`${name} has no end`);
    text += decode(rest.slice(0, next));
    rest = rest.slice(next);
    if (rest.startsWith('</')) break;
    const [child, behind] = parseElement(rest);
    children.push(child);
    rest = behind;
  }
  if (!rest.startsWith(`</${name}>`)) throw new Error(`${name} ends with ${rest.slice(0, 40)}`);
  return [{ name, attributes, children, text }, rest.slice(name.length + 3)];
}

function decode(text: string): string {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text))
    throw new Error('a character that is none of XML');
  if (text.includes(']]>')) throw new Error(']]> in text');
  return text.replace(/&([^;]*;?)/g, (_all, entity: string) => {
    const character = ENTITIES[entity.slice(0, -1)];
    if (character === undefined || !entity.endsWith(';')) throw new Error(`no entity: &${entity}`);
    return character;
  });
}
