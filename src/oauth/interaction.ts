// Owns what an authorization request becomes while people are asked: the request as a form carries it, and the mark by which a
// login is known to be for it. The server remembers nothing meanwhile: every step reads and checks the request anew.

import type { EndpointRequest } from './endpoint.ts';
import { type Browser, formTag, isSame } from './form-protection.ts';
import type { Fields } from './page.ts';
import type { Session } from './port.ts';

type Pairs = EndpointRequest['form'];

/** The parameter by which the login page leads back: no parameter of any standard. */
export const INTERACTION = 'interaction';

/** Milliseconds that a login may be ago to be the one that a request asked for. */
const FRESH = 15 * 60_000;
/** Milliseconds by which the clocks of two nodes may differ. */
const SKEW = 60_000;

/** An authorization request as its parameters stand, without our own mark. */
export interface Carried {
  readonly pairs: Pairs;
  /** Form-encoded; the same for the same parameters. */
  readonly text: string;
  /** The mark that came with it. */
  readonly mark: string | undefined;
}

export function carriedBy(pairs: Pairs): Carried {
  const own = pairs.filter(([name]) => name !== INTERACTION);
  const text = new URLSearchParams(own.map(([name, value]) => [name, value] as [string, string])).toString();
  const mark = pairs.find(([name]) => name === INTERACTION)?.[1];
  return { pairs: own, text, mark: mark === '' ? undefined : mark };
}

/** What a form carried, read again. */
export function carriedText(text: string | undefined, mark: string | undefined): Carried {
  return { ...carriedBy([...new URLSearchParams(text ?? '')]), mark };
}

/** The hidden fields of a form about a request. */
export function fieldsOf({ text, mark }: Carried, browser: Browser, purpose: string, about = ''): Fields {
  return {
    request: text,
    form: formTag(browser, purpose, `${text}\n${about}`),
    ...(mark === undefined ? {} : { [INTERACTION]: mark }),
  };
}

/** The mark of a login that happens now, for this request and browser. `now` in milliseconds since the epoch. */
export function markOf({ text }: Carried, browser: Pick<Browser, 'secret'>, now: number): string {
  return `${now}.${formTag(browser, 'interaction', `${now}\n${text}`)}`;
}

/** Whether a session is of a login for this very request, a moment ago. Who has logged in otherwise since is at another one. */
export function isMarked(
  { text, mark = '' }: Carried,
  browser: Pick<Browser, 'secret'>,
  { auth_time }: Pick<Session, 'auth_time'>,
  now: number,
): boolean {
  const [at = '', tag = ''] = mark.split('.', 2);
  if (!/^[0-9]{1,16}$/.test(at) || now - Number(at) > FRESH || Number(at) - now > SKEW) return false;
  if (Math.floor(Number(at) / 1000) !== auth_time) return false;
  return isSame(tag, formTag(browser, 'interaction', `${at}\n${text}`));
}
