// Owns how the forms of our pages are told from those of strangers (RFC 6749 10.12): a tag that only this browser's page can
// have, and the Origin. Never knows what a form is about.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { ownOrigin } from './brand.ts';
import type { Answer, Context, EndpointRequest } from './endpoint.ts';
import { describe, OAuthError } from './error.ts';
import { newText, TEXT_SHAPE } from './opaque.ts';

/** What a browser is known by; `cookies` sets it where it is new. */
export interface Browser {
  readonly secret: string;
  readonly cookies: NonNullable<Answer['cookies']>;
}

/** The browser of a request, which gets a secret of its own with the first page. */
export function browserOf(request: EndpointRequest, { random }: Pick<Context, 'random'>): Browser {
  const known = request.cookies?.browser;
  if (known !== undefined && TEXT_SHAPE.test(known)) return { secret: known, cookies: {} };
  const secret = newText(random);
  return { secret, cookies: { browser: secret } };
}

/**
 * What a form of `purpose` about `subject` carries. Whoever does not know the browser's secret, which no script and no other
 * site can read, cannot make it; and a form about one request is none about another.
 */
export function formTag(browser: Pick<Browser, 'secret'>, purpose: string, subject: string): string {
  return createHmac('sha256', browser.secret).update(`${purpose}\n${subject}`).digest('base64url');
}

/** Throws 403 for a form that is not of a page that this browser was shown. */
export function checkForm(
  request: EndpointRequest,
  expected: { readonly purpose: string; readonly subject: string; readonly tag: string | undefined },
  context: Pick<Context, 'snapshot'>,
): void {
  const secret = request.cookies?.browser;
  const { purpose, subject, tag } = expected;
  const isOurs =
    secret !== undefined &&
    TEXT_SHAPE.test(secret) &&
    tag !== undefined &&
    isSame(tag, formTag({ secret }, purpose, subject));
  if (!isOurs || isForeign(request.origin, ownOrigin(request, context.snapshot))) {
    throw new OAuthError({ error: 'invalid_request', status: 403, description: describe('FORM_EXPIRED') });
  }
}

/** Pages without a referrer send `null` with their own forms (Fetch, 3.2): that tells nothing. */
function isForeign(origin: string | undefined, own: string): boolean {
  return origin !== undefined && origin !== 'null' && origin !== own;
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
