// Owns how a request body becomes pairs: application/x-www-form-urlencoded and nothing else (RFC 6749 appendix B).
// Never knows which parameters mean something.

import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Bytes. Above the largest form that this server has a use for; more is 413. */
export const BODY_LIMIT = 64 * 1024;
/** A form with more pairs than this is refused: no client needs them, and each costs work. */
export const PAIR_LIMIT = 256;

export type Pair = readonly [name: string, value: string];

/** What the body of a request was. A request without a body has an empty form, whatever type it names. */
export type Body =
  | { readonly kind: 'form'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'excessive' };

const EMPTY: Body = { kind: 'form', pairs: [] };
const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * Replaces Fastify's own parsers. Parsing never fails: a body that is no form is a value too, so that the route can
 * answer 404 and 405 before it complains of the body.
 */
export function addFormParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(FORM_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    done(null, isEncoded(request) && body.length > 0 ? { kind: 'unsupported' } : parseForm(body));
  });
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body.length > 0 ? { kind: 'unsupported' } : EMPTY);
  });
}

/** The body of a request whose content was parsed by `addFormParser`, or that has none. */
export function bodyOf(request: FastifyRequest): Body {
  return (request.body as Body | undefined) ?? EMPTY;
}

/**
 * The pairs in order, repeats kept. By the WHATWG rules, which cannot fail: a broken percent sequence stays as it is
 * and invalid UTF-8 becomes U+FFFD, so a broken value equals no registered one.
 *
 * What has nothing to decode, as a token has not, is taken as it stands: URLSearchParams looks at each character of it, and
 * node:querystring and fast-querystring do too, which is four times as dear.
 */
export function parsePairs(text: string): readonly Pair[] {
  const pairs: Pair[] = [];
  const form = text.startsWith('?') ? text.slice(1) : text;
  for (const piece of form.split('&')) {
    if (piece === '') continue;
    if (ENCODED.test(piece)) {
      // Behind an ampersand a question mark is one.
      pairs.push(...new URLSearchParams(`&${piece}`));
      continue;
    }
    const equals = piece.indexOf('=');
    pairs.push(equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)]);
  }
  return pairs;
}

/** With a `%`, a `+`, or anything that is no printable ASCII. */
const ENCODED = /[^!-$&-*,-~]/;

function parseForm(body: Buffer): Body {
  const pairs = parsePairs(body.toString('utf8'));
  return pairs.length > PAIR_LIMIT ? { kind: 'excessive' } : { kind: 'form', pairs };
}

/** A compressed body is not read: nothing that this server takes is worth a decompression bomb. */
function isEncoded(request: FastifyRequest): boolean {
  const encoding = request.headers['content-encoding'];
  return encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity';
}
