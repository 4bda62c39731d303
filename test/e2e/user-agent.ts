// Owns the browser of a person in tests, as far as redirects, forms and cookies go: across all servers that take part, each of
// which gets its own cookies back. Never runs a script (the real Chromium does), and never speaks for a server.

import { type Form, formIn } from '../protocol/browser.ts';
import { PASSWORD } from './foreign-spec.ts';

/** A page, or the address at which nobody answers. */
export interface View {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  readonly form: Form | undefined;
}

export class UserAgent {
  /** By host and port: strictly more apart than in a browser, where cookies know no port. */
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #until: string | undefined;

  /** `until`: the beginning of addresses that belong to a program that is no web application. */
  constructor({ until }: { readonly until?: string } = {}) {
    this.#until = until;
  }

  /** Goes to an address and wherever it leads. */
  async open(target: string | URL, init: RequestInit = {}): Promise<View> {
    let url = new URL(target);
    let sent: RequestInit = init;
    for (let hops = 0; hops < 20; hops += 1) {
      if (this.#until !== undefined && url.href.startsWith(this.#until)) {
        return { url, status: 0, text: '', form: undefined };
      }
      const response = await this.#request(url, sent);
      const location = response.headers.get('location');
      const text = await response.text();
      if (location === null) return { url, status: response.status, text, form: formIn(text) };
      url = new URL(location, url);
      sent = {};
    }
    throw new Error(`too many redirects, the last to ${url}`);
  }

  async #request(url: URL, init: RequestInit): Promise<Response> {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (attributes.some(isOver)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Sends the form of a page, with what was filled in. */
  submit({ url, status, text, form }: View, filled: Readonly<Record<string, string>> = {}): Promise<View> {
    if (form === undefined) throw new Error(`no form at ${url}: ${status} ${text.slice(0, 800)}`);
    return this.open(new URL(form.action, url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form.fields, ...filled }).toString(),
    });
  }

  /** Opens an address, logs in and allows wherever that is asked, and carries on what comes in a form. */
  async through(target: string | URL, { username = 'ada', password = PASSWORD } = {}): Promise<View> {
    let view = await this.open(target);
    if (view.form?.id === 'login') view = await this.submit(view, { username, password });
    if (view.form?.id === 'consent') view = await this.submit(view, { decision: 'allow' });
    if (view.form?.id === 'form-post') view = await this.submit(view);
    return view;
  }
}

function isOver(attribute: string): boolean {
  const [name = '', value = ''] = attribute.split('=');
  if (/^max-age$/i.test(name)) return Number(value) <= 0;
  return /^expires$/i.test(name) && Date.parse(value) <= Date.now();
}
