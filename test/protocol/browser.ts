// Owns a browser as far as the protocol sees one: cookies, redirects within the server, forms that are filled in and sent. Reads
// pages as text; never runs a script.

import { createHash, randomBytes } from 'node:crypto';
import { PASSWORD, SECRET } from './spec.ts';
import type { World } from './world.ts';

export interface Form {
  readonly id: string;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Where a journey ended: on a page of the server, or at a redirect that leaves it. */
export interface Stop {
  readonly response: Response;
  readonly status: number;
  readonly html: string;
  readonly form: Form | undefined;
  /** Where the browser was sent; undefined on a page. */
  readonly location: URL | undefined;
  /** The parameters of the answer, wherever they travelled: query, fragment, or form_post. */
  readonly answer: Readonly<Record<string, string>>;
}

export class Browser {
  readonly world: World;
  readonly cookies = new Map<string, string>();
  /** Attributes of each cookie as it was set last, in lower case. */
  readonly attributes = new Map<string, readonly string[]>();

  constructor(world: World) {
    this.world = world;
  }

  /** Goes to an address and follows redirects for as long as they stay at the server. */
  async go(target: string, init: RequestInit = {}): Promise<Stop> {
    let response = await this.#request(target, init);
    for (let hops = 0; hops < 10; hops += 1) {
      const location = response.headers.get('location');
      if (location === null || !isOf(location, this.world)) return stopAt(response, location);
      response = await this.#request(location, {});
    }
    throw new Error('too many redirects');
  }

  async #request(target: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie === '' ? {} : { cookie }), ...(init.headers as Record<string, string> | undefined) };
    const response = await this.world.fetch(target, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      this.attributes.set(
        name,
        attributes.map((text) => text.toLowerCase()),
      );
      const isGone = value === '' || attributes.some((text) => /^max-age=0$/i.test(text));
      if (isGone) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** An authorization request by GET. */
  authorize(parameters: Readonly<Record<string, string>>): Promise<Stop> {
    return this.go(`${this.world.issuer}/authorize?${new URLSearchParams(parameters)}`);
  }

  /** Sends a form of a page, with what was filled in. */
  submit(stop: Stop, filled: Readonly<Record<string, string>>): Promise<Stop> {
    if (stop.form === undefined) throw new Error(`no form on this page: ${stop.status} ${stop.html.slice(0, 500)}`);
    return this.post(stop.form.action, { ...stop.form.fields, ...filled });
  }

  post(target: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Promise<Stop> {
    return this.go(target, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  }

  login(stop: Stop, username = 'ada', password = PASSWORD): Promise<Stop> {
    if (stop.form?.id !== 'login')
      throw new Error(`no login page: ${stop.status} ${stop.location} ${stop.html.slice(0, 500)}`);
    return this.submit(stop, { username, password });
  }

  /** Presses a button of the consent or the logout page. */
  press(stop: Stop, decision: 'allow' | 'deny'): Promise<Stop> {
    return this.submit(stop, { decision });
  }

  /** Logs in where that is asked for, and allows what is asked for. */
  async through(stop: Stop, username = 'ada'): Promise<Stop> {
    let at = stop;
    if (at.form?.id === 'login') at = await this.login(at, username);
    if (at.form?.id === 'consent') at = await this.press(at, 'allow');
    return at;
  }

  sessionCookie(): string | undefined {
    return [...this.cookies].find(([name]) => name.includes('session'))?.[0];
  }
}

function isOf(location: string, { issuer }: World): boolean {
  return location === issuer || location.startsWith(`${new URL(issuer).origin}/`);
}

async function stopAt(response: Response, location: string | null): Promise<Stop> {
  const html = await response.text();
  const form = formIn(html);
  const url = location === null ? undefined : new URL(location);
  const isFormPost = form?.id === 'form-post' || (form !== undefined && url === undefined && !('form' in form.fields));
  const carried = url === undefined ? (isFormPost ? form?.fields : {}) : parametersOf(url);
  return { response, status: response.status, html, form, location: url, answer: carried ?? {} };
}

function parametersOf(url: URL): Record<string, string> {
  return Object.fromEntries([...url.searchParams, ...new URLSearchParams(url.hash.slice(1))]);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

export function unescapeHtml(text: string): string {
  return text.replace(/&(#?[a-z0-9]+);/gi, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : unescapeHtml(found);
}

/** The first form of a page that has hidden fields. */
export function formIn(html: string): Form | undefined {
  for (const [, open = '', inner = ''] of html.matchAll(/<form(\s(?:[^>"]|"[^"]*")*)>(.*?)<\/form>/gs)) {
    const fields: Record<string, string> = {};
    for (const [tag] of inner.matchAll(/<input\s(?:[^>"]|"[^"]*")*>/g)) {
      const name = attribute(tag, 'name');
      if (name !== undefined && attribute(tag, 'type') === 'hidden') fields[name] = attribute(tag, 'value') ?? '';
    }
    const action = attribute(open, 'action');
    if (action !== undefined) return { id: attribute(open, 'id') ?? '', action, fields };
  }
  return undefined;
}

/** A proof key (RFC 7636). */
export function newProof(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The parameters of a good authorization request of an application of spec.ts, and the verifier of its proof. */
export function codeRequest(
  client_id: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): { readonly parameters: Record<string, string>; readonly verifier: string } {
  const { verifier, challenge } = newProof();
  const all = {
    client_id,
    response_type: 'code',
    redirect_uri: `https://${client_id}.example/callback`,
    scope: 'openid',
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  };
  const written = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { parameters: Object.fromEntries(written), verifier };
}

/** A request with a form body. `as` authenticates by Basic. */
export function post(
  world: World,
  path: string,
  form: Readonly<Record<string, string>> | string,
  { as, secret = SECRET, headers = {} }: { as?: string; secret?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const basic = as === undefined ? {} : { authorization: basicAuth(as, secret) };
  return world.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic, ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
}

/** RFC 6749 2.3.1: both halves are form-encoded. */
export function basicAuth(client_id: string, secret: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  return `Basic ${Buffer.from(`${encode(client_id)}:${encode(secret)}`).toString('base64')}`;
}

// biome-ignore lint/suspicious/noExplicitAny: the body of an answer, of which tests look at some members.
export type Body = any;

export async function json(response: Response | Promise<Response>): Promise<Body> {
  return (await response).json();
}

export interface Obtained {
  readonly browser: Browser;
  readonly code: string;
  readonly verifier: string;
  /** What the token request has to say for it. */
  readonly form: Record<string, string>;
}

/** A code for an application, by a browser that logs in and allows. */
export async function obtainCode(
  world: World,
  client_id = 'web',
  parameters: Readonly<Record<string, string | undefined>> = {},
  browser = new Browser(world),
  username = 'ada',
): Promise<Obtained> {
  const { parameters: all, verifier } = codeRequest(client_id, parameters);
  const stop = await browser.through(await browser.authorize(all), username);
  const { code } = stop.answer;
  if (code === undefined) throw new Error(`no code: ${stop.status} ${stop.location} ${stop.html.slice(0, 800)}`);
  const form = {
    grant_type: 'authorization_code',
    code,
    ...(all.redirect_uri === undefined ? {} : { redirect_uri: all.redirect_uri }),
    ...(all.code_challenge === undefined ? {} : { code_verifier: verifier }),
  };
  return { browser, code, verifier, form };
}

/** Applications of spec.ts that have no secret. */
const PUBLIC = new Set(['spa', 'native', 'implicit']);

/** A token request of an application, authenticated as it has to be. */
export function tokenRequest(
  world: World,
  client_id: string,
  form: Readonly<Record<string, string>>,
): Promise<Response> {
  return PUBLIC.has(client_id)
    ? post(world, '/token', { ...form, client_id })
    : post(world, '/token', form, { as: client_id });
}

/** The token response for a code that was obtained for this. */
export async function obtainTokens(
  world: World,
  client_id = 'web',
  parameters: Readonly<Record<string, string | undefined>> = {},
  browser = new Browser(world),
  username = 'ada',
): Promise<Body & { readonly browser: Browser }> {
  const { form } = await obtainCode(world, client_id, parameters, browser, username);
  const response = await tokenRequest(world, client_id, form);
  const body = await json(response);
  if (response.status !== 200) throw new Error(`no tokens: ${response.status} ${JSON.stringify(body)}`);
  return { ...body, browser };
}

export function refresh(
  world: World,
  client_id: string,
  refresh_token: string,
  more: Record<string, string> = {},
): Promise<Response> {
  return tokenRequest(world, client_id, { grant_type: 'refresh_token', refresh_token, ...more });
}

/** What introspection says of a token, asked by an application. */
export async function introspect(
  world: World,
  token: string,
  as = 'web',
  more: Record<string, string> = {},
): Promise<Body> {
  return json(post(world, '/introspect', { token, ...more }, { as }));
}

export function userinfo(world: World, token: string, init: RequestInit = {}): Promise<Response> {
  return world.fetch('/userinfo', {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
  });
}

export function claimsOf(jwt: string): Body {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

export function headerOf(jwt: string): Body {
  return JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString());
}
