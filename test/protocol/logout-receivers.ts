// Owns the clients that the tests of logouts tell: real receivers on real sockets, and the logout of a browser. Never judges what
// was told.

import { expect } from 'vitest';
import { type Listening, listen } from '../outbound/called.ts';
import type { Browser, Stop } from './browser.ts';
import type { Edit } from './world.ts';

export const BYE = 'https://web.example/bye';

/** Clients that are told at these receivers. */
export function toldAt(uris: Readonly<Record<string, string>>, allow: readonly string[] = ['127.0.0.1']): Edit {
  return ({ server, site }) => {
    server.server.outbound = { allow };
    site.applications.web.metadata.post_logout_redirect_uris = [BYE];
    for (const [client_id, uri] of Object.entries(uris)) {
      Object.assign(site.applications[client_id].metadata, { backchannel_logout_uri: uri });
    }
  };
}

export const uriOf = ({ port }: Listening, path = '/backchannel') => `http://127.0.0.1:${port}${path}`;

export function logout(browser: Browser, id_token: string): Promise<Stop> {
  const parameters = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: BYE });
  return browser.go(`/logout?${parameters}`);
}

export function tokenOf({ body }: Listening['requests'][number]): string {
  const form = new URLSearchParams(body);
  expect([...form.keys()]).toEqual(['logout_token']);
  return form.get('logout_token') ?? '';
}

export const taken = () => listen((response) => response.writeHead(204).end());
