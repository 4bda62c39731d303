// Owns how the target and the host of a request are read before anything is decided by them: one normal form for all the ways in
// which they can be written, and a refusal of what two servers could read as two. Never knows a resource.

export type RequestTarget = {
  /** In normal form: unreserved characters stand for themselves, all others as upper-case percent-escapes, no empty or dot segments. */
  readonly path: string;
  /** With its `?`, as it came; empty where there is none. */
  readonly query: string;
};

/** Why a target or a host is not looked at, a clause for the log and for who sent it. */
export type Unreadable = { readonly unreadable: string };

const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** What else may stand in a segment as it is (RFC 3986 3.3). */
const LITERAL = /[A-Za-z0-9\-._~!$&'()*+,;=:@]/;
const ESCAPE = /^%[0-9A-Fa-f]{2}$/;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;

/**
 * The path and query of a target in origin-form or absolute-form (RFC 9112 3.2); `host` is the one that the request names, in normal
 * form, which that of an absolute-form has to be too.
 */
export function readTarget(target: string, host: string): RequestTarget | Unreadable {
  const absolute = ABSOLUTE.exec(target);
  if (absolute !== null) {
    const named = readHost(absolute[1] ?? '');
    if ('unreadable' in named || named.host !== host)
      return unreadable('the target names another host than the Host header');
  }
  const rest = absolute?.[2] ?? target;
  if (rest.includes('#')) return unreadable('the target has a fragment');
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? '' : rest.slice(mark);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\x00-\x20\x7F]/.test(query)) return unreadable('the query holds a control character or a space');
  if (absolute !== null && path === '') return { path: '/', query };
  if (!path.startsWith('/')) return unreadable('the target is no path');
  const normal = normalPath(path);
  return typeof normal === 'string' ? { path: normal, query } : normal;
}

/** The normal form of a path that begins with a slash. That of a normal form is itself. */
export function normalPath(path: string): string | Unreadable {
  const decoded = decodeUnreserved(path);
  if (typeof decoded !== 'string') return decoded;
  // What would be an escape after one decoding more.
  if (/%25[0-9A-Fa-f]{2}/.test(decoded)) return unreadable('the path is encoded twice');
  return withoutDots(decoded);
}

/** Escapes of unreserved characters become those; what has to be escaped is; slashes and what divides a path stay as they are. */
function decodeUnreserved(path: string): string | Unreadable {
  let text = '';
  /** Bytes over 127 that stand together: they have to be UTF-8. */
  let bytes: number[] = [];
  const isText = (): boolean => bytes.length === 0 || isUtf8(bytes);
  for (let at = 0; at < path.length; ) {
    const character = path.charAt(at);
    const triplet = path.slice(at, at + 3);
    if (character === '%' && !ESCAPE.test(triplet))
      return unreadable('the path has a percent sign without two hexadecimal digits');
    const code = character === '%' ? Number.parseInt(triplet.slice(1), 16) : path.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return unreadable('the path holds a control character');
    if (code === 0x5c) return unreadable('the path holds a backslash');
    if (character === '%' && code === 0x2f) return unreadable('the path holds an encoded slash');
    if (character !== '%' && (code === 0x20 || code > 0x7f))
      return unreadable('the path holds a character that has to be encoded');
    if (code > 0x7f) {
      bytes.push(code);
    } else {
      if (!isText()) return NO_TEXT;
      bytes = [];
    }
    const one = String.fromCharCode(code);
    const stands = character === '%' ? UNRESERVED.test(one) : one === '/' || LITERAL.test(one);
    text += stands ? one : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
    at += character === '%' ? 3 : 1;
  }
  return isText() ? text : NO_TEXT;
}

const NO_TEXT = unreadable('the path is not encoded as UTF-8');

/** In the shortest form, without surrogates and without control characters (RFC 3629 3). */
function isUtf8(bytes: readonly number[]): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    return !/[\u0080-\u009F\u2028\u2029\uFEFF]/.test(text);
  } catch {
    return false;
  }
}

/** A dot segment with something behind it that some servers cut off before they look at the dots. */
const DISGUISED_DOTS = /^\.{1,2}(;|%3B|%20)/;

/**
 * Without `//`, `/./` and `/../` (RFC 3986 5.2.4). Servers differ in what `..` goes back over where an empty segment or one with
 * parameters stands before it, and in what is above the root: such a path is refused.
 */
function withoutDots(path: string): string | Unreadable {
  const segments = path.slice(1).split('/');
  const kept: { readonly segment: string; readonly afterEmpty: boolean }[] = [];
  /** Whether an empty segment stands before the next one. */
  let afterEmpty = false;
  for (const segment of segments) {
    if (DISGUISED_DOTS.test(segment)) return unreadable('the path has a dot segment with parameters');
    if (segment === '..') {
      const before = kept.pop();
      if (before === undefined) return unreadable('the path goes above its root');
      if (afterEmpty || /;|%3B/.test(before.segment))
        return unreadable('the path goes back over a segment that is not plain');
      afterEmpty = before.afterEmpty;
    } else if (segment === '') {
      afterEmpty = true;
    } else if (segment !== '.') {
      kept.push({ segment, afterEmpty });
      afterEmpty = false;
    }
  }
  const text = `/${kept.map(({ segment }) => segment).join('/')}`;
  // `/a/.` and `/a/b/..` are directories, as `/a/` is.
  const isDirectory = ['', '.', '..'].includes(segments.at(-1) ?? '');
  return isDirectory && kept.length > 0 ? `${text}/` : text;
}

/** Escapes of what may stand in a segment as it is, `;` left out. RFC 3986 2.2 has them mean something else; who decodes does not. */
const OF_LITERALS = /%(?:2[146-9A-C]|3[AD]|40)/g;

/**
 * The paths that servers may read a normal path as: as it stands, decoded as far as a resource is written, or without the parameters
 * of its segments, by `;` alone or by its escape too. One alone where it has none of these.
 */
export function readingsOf(path: string): readonly string[] {
  const decoded = path.replace(OF_LITERALS, (triplet) => decodeURIComponent(triplet));
  const whole = decoded === path ? [path] : [path, decoded];
  if (!/;|%3B/.test(path)) return whole;
  const bare = whole
    .flatMap((text) => [text.replace(/;[^/]*/g, ''), text.replace(/(;|%3B)[^/]*/g, '')])
    .map((text) => text.replace(/\/{2,}/g, '/'));
  return [...new Set([...whole, ...bare])];
}

export type RequestHost = {
  /** In lower case, without port and final dot; an IPv6 address in brackets. */
  readonly host: string;
  /** The host and the port, where one other than that of its scheme is likely to be meant: as it came, in lower case. */
  readonly authority: string;
};

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(\.?)(?::([0-9]{1,5}))?$/;

/** The host of a Host header or an authority (RFC 3986 3.2.2). Names are ASCII: others come in their A-label form. */
export function readHost(text: string): RequestHost | Unreadable {
  const [, written, , port] = HOST.exec(text.toLowerCase()) ?? [];
  const host = written?.startsWith('[') ? addressIn(written) : written;
  if (host === undefined) return unreadable('the host is none');
  return { host, authority: port === undefined ? host : `${host}:${port}` };
}

/** An IPv6 address in its shortest form. */
function addressIn(brackets: string): string | undefined {
  return URL.canParse(`http://${brackets}`) ? new URL(`http://${brackets}`).hostname : undefined;
}

function unreadable(why: string): Unreadable {
  return { unreadable: why };
}
