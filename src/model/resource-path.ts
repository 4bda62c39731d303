// Owns the one spelling of a path and of a host that resources are written in, and what of a path is below another. Never
// makes that spelling of what a request asks: who serves it does.

import { isAddress } from './network.ts';

/** What RFC 3986 3.3 lets stand in a path, with percent-encodings in upper case. */
const PATH = /^(?:\/(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%[0-9A-F]{2})+)+$/;
/** What may stand by itself in a path, so that it has one spelling, and what servers decode in different ways. */
const NEEDLESSLY_ENCODED = /%(?:2[14-9A-F]|3[0-9ABD]|4[0-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AE]|[01][0-9A-F]|7F)/;

/** Whether a path is in normal form: one spelling, and nothing that two servers could read differently. */
export function isResourcePath(text: string): boolean {
  if (text === '/') return true;
  const isClear = PATH.test(text) && !NEEDLESSLY_ENCODED.test(text) && isUtf8(text);
  return isClear && !text.split('/').some((step) => /^\.\.?$/.test(step));
}

/** What is asked and is not encoded as UTF-8 is refused before it is compared. */
function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

/** Whether a path is the other one, or below it: `/api/x` is below `/api`, `/apix` is not. Both in normal form. */
export function isPathWithin(path: string, other: string): boolean {
  return other === '/' || path === other || path.startsWith(`${other}/`);
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Whether the text is a host as requests are compared with it: a name or an IPv4 address, or an IPv6 address in brackets. */
export function isResourceHost(text: string): boolean {
  if (isAddress(text)) return !text.includes(':');
  const inside = /^\[([0-9a-f:.]+)\]$/.exec(text)?.[1];
  // The URL parser writes an IPv6 address in its shortest form.
  if (inside !== undefined) return URL.canParse(`http://${text}`) && new URL(`http://${text}`).hostname === text;
  const labels = text.split('.');
  return text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}
