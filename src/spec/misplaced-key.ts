// Owns where a key belongs that stands in a wrong place: in a document of another kind, or at the top of one. Never tells
// of a key that is wrong everywhere (schema-fault.ts).

import type { Document } from './document.ts';
import { isDocumentKey } from './document-schemas.ts';

type Kind = Document['kind'];

/** A key at the top of a document that would be right in one of another kind: `site:` was forgotten, or a `---`. */
export function otherKind(kind: Kind, key: string): { detail: string; help: string } | undefined {
  const inServer = isDocumentKey('server', key);
  if (kind !== 'site' && isDocumentKey('site', key) && !inServer) {
    return {
      detail: `"${key}" stands in a site document, and this one has no site:`,
      help: 'Write site: NAME at the top of this document.',
    };
  }
  if (kind !== 'server' && inServer) {
    const kinds = isDocumentKey('site', key) ? 'site or server document' : 'server document';
    return {
      detail: `"${key}" stands in a ${kinds}, and this one has ${kind}:`,
      help: `Move it to a document without ${kind}:; in one file, --- begins a new document.`,
    };
  }
  return undefined;
}

/** Lists that only stand at the top of a document, with an example. No key further down is called so. */
const LISTS: Readonly<Record<string, string>> = {
  approvals: '[restricted:Example/Client1@0123456789abcdef]',
  moved: '[{ from: Client1, to: Client2 }]',
  tests: '[{ deny: { client: Client1, scope: Server2 } }]',
};

/** Where a list belongs that was written further down in a document of this kind; undefined for any other key. */
export function topOf(kind: Kind, key: string): string | undefined {
  const example = Object.hasOwn(LISTS, key) ? LISTS[key] : undefined;
  if (example === undefined) return undefined;
  const place = isDocumentKey(kind, key)
    ? 'this document'
    : `a ${isDocumentKey('server', key) ? 'server' : 'site'} document`;
  return `${key} stands at the top of ${place}, as a list: ${key}: ${example}.`;
}
