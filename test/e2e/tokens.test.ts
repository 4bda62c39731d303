// Row N-63 of SEMANTICS at the real process: what was issued is seen and taken back over the operator's socket and by `charter tokens`,
// and applications are told that the sessions have ended.

import { request } from 'node:http';
import express from 'express';
import * as client from 'openid-client';
import { afterEach, describe, expect, it } from 'vitest';
import { charter, eventually, freePort, payload } from './charter.ts';
import { SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';
import { startWebApplication, type WebApplication } from './web-application.ts';

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer may be any JSON; tests state its shape
  readonly body: any;
}

/** Asks the operator's surface, over the socket or at an address. */
function ask(at: { socketPath: string } | { port: number }, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' } };
    const asked = request({ ...at, host: '127.0.0.1', path, ...sent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text === '' ? '' : JSON.parse(text) }),
      );
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe('S:N-63 a server that runs', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** `told`: the claims of the logout tokens that came, not verified. */
  async function open(args: readonly string[] = []) {
    const web = await startWebApplication();
    closing.push(() => web.stop());
    const told: { readonly aud: string; readonly sid: string; readonly sub: string }[] = [];
    web.app.post('/backchannel-logout', express.urlencoded({ extended: false }), ({ body }, response) => {
      told.push(payload(body?.logout_token ?? ''));
      response.json({});
    });
    const served = await serveForeign(web.origin, web.origin, args);
    closing.push(() => served.stop());
    return { served, web, told, socket: { socketPath: `${served.workspace.store}.sock` } };
  }

  async function logIn({ issuer }: Served, { origin }: WebApplication, client_id: string, agent?: UserAgent) {
    const until = `${origin}/callback`;
    const configuration = await client.discovery(
      new URL(issuer),
      client_id,
      { client_secret: SECRET, ...(client_id === 'elliptic' ? { id_token_signed_response_alg: 'ES256' } : {}) },
      undefined,
      { execute: [client.allowInsecureRequests] },
    );
    const address = client.buildAuthorizationUrl(configuration, { redirect_uri: until, scope: 'openid' });
    const view = await (agent ?? new UserAgent({ until })).through(address);
    return { configuration, tokens: await client.authorizationCodeGrant(configuration, view.url) };
  }

  it('S:N-63 lists by user and client as charter tokens list does, and ends what is named, telling the clients of the sessions', async () => {
    const { served, web, told, socket } = await open();
    const agent = new UserAgent({ until: `${web.origin}/callback` });
    const first = await logIn(served, web, 'web', agent);
    await logIn(served, web, 'elliptic', agent);
    const all = await ask(socket, '/tokens');
    expect(all.status).toBe(200);
    expect(all.body.connections.map((row: { client: string }) => row.client).sort()).toEqual([
      'Example/elliptic',
      'Example/web',
    ]);
    const one = await ask(socket, '/tokens?user=Example/ada&client=web&limit=1');
    expect(one.body.connections).toEqual([
      expect.objectContaining({ client_id: 'web', user: 'Example/ada', kind: 'grant', type: 'Refresh, Access' }),
    ]);
    const { stdout } = await charter(
      ['tokens', 'list', '--user', 'Example/ada', '--client', 'web', '--json', '--store', served.workspace.store],
      {},
    );
    expect(JSON.parse(stdout)).toEqual(one.body);

    const ended = await ask(socket, '/tokens/revoke', { user: 'ada' });
    expect([ended.status, ended.body]).toEqual([
      200,
      {
        of: { user: 'Example/ada' },
        ended: { sessions: 1, consents: 0, codes: 0, grants: 2, access_tokens: 0 },
        told: ['Example/elliptic', 'Example/web'],
        not_told: [],
        not_listed: { clients: [], longest_seconds: 0 },
      },
    ]);
    const sid = first.tokens.claims()?.sid;
    await eventually(() => expect(told).toHaveLength(2));
    expect(told.map(({ aud }) => aud).sort()).toEqual(['elliptic', 'web']);
    for (const claims of told) expect(claims).toMatchObject({ sid, sub: 'ada-0001' });
    await expect(client.refreshTokenGrant(first.configuration, first.tokens.refresh_token ?? '')).rejects.toThrow();
    await served.server.printed(/"event":"tokens_revoked"/);
    const silent = client.buildAuthorizationUrl(first.configuration, {
      redirect_uri: `${web.origin}/callback`,
      scope: 'openid',
      prompt: 'none',
    });
    expect((await agent.open(silent)).url.searchParams.get('error')).toBe('login_required');
    expect((await ask(socket, '/tokens')).body.connections).toEqual([]);
  });

  it('S:N-63 single rows end by their ids, all or none, and sessions go on', async () => {
    const { served, web, told, socket } = await open();
    const { tokens, configuration } = await logIn(served, web, 'web');
    const { grant } = payload(tokens.access_token);
    const wrong = await ask(socket, '/tokens/revoke', { id: [grant, 'never'] });
    expect([wrong.status, wrong.body.error]).toEqual([404, 'grant_unknown']);
    expect(wrong.body.error_description).toMatch(
      /^Nothing has the id never: charter tokens list .*lists what has one\. Nothing was ended\.$/,
    );
    expect(await client.fetchUserInfo(configuration, tokens.access_token, 'ada-0001')).toBeDefined();
    expect((await ask(socket, '/tokens/revoke', { id: [grant] })).body).toEqual({ ids: [grant] });
    await expect(client.fetchUserInfo(configuration, tokens.access_token, 'ada-0001')).rejects.toThrow();
    expect(told).toEqual([]);
  });

  it('S:N-63 what is asked wrongly is told in the words of the command, and nothing ends', async () => {
    const { served, web, socket } = await open();
    await logIn(served, web, 'web');
    const unknown = await charter(['tokens', 'list', '--user', 'nobody', '--store', served.workspace.store]);
    const asked = await ask(socket, '/tokens?user=nobody');
    expect([asked.status, asked.body.error]).toEqual([400, 'usage']);
    expect(unknown.stderr).toContain(asked.body.error_description);
    const noOwner = await ask(socket, '/tokens/revoke', {});
    expect(noOwner).toMatchObject({ status: 400, body: { error: 'usage' } });
    for (const path of ['/tokens?who=ada', '/tokens?user=ada&user=bob', '/tokens?limit=0', '/tokens?limit=-1'])
      expect([path, (await ask(socket, path)).status, (await ask(socket, path)).body.error]).toEqual([
        path,
        400,
        'invalid_request',
      ]);
    for (const body of [{ id: [] }, { id: 'x' }, { id: ['x'], user: 'ada' }, { users: ['ada'] }, [], { user: 1 }]) {
      const refused = await ask(socket, '/tokens/revoke', body);
      expect([body, refused.status, refused.body.error]).toEqual([body, 400, 'invalid_request']);
      expect(refused.body.error_description).toMatch(/^POST \/tokens\/revoke takes/);
    }
    expect((await ask(socket, '/tokens')).body.connections).toHaveLength(1);
  });

  it('S:N-63 neither is there over the network, on this machine either', async () => {
    const port = await freePort();
    const { served, web, socket } = await open(['--admin', `127.0.0.1:${port}`]);
    await logIn(served, web, 'web');
    expect((await ask({ port }, '/status')).status).toBe(200);
    expect((await ask({ port }, '/tokens')).status).toBe(404);
    expect((await ask({ port }, '/tokens/revoke', { user: 'ada' })).status).toBe(404);
    expect((await ask(socket, '/tokens')).body.connections).toHaveLength(1);
  });

  it('S:N-63 charter tokens revoke has the server do it, which tells the clients; without one it says that nobody was told', async () => {
    const { served, web, told } = await open();
    const { store } = served.workspace;
    await logIn(served, web, 'web');
    const byServer = await charter(['tokens', 'revoke', '--user', 'ada', '--store', store]);
    expect([byServer.code, byServer.stderr]).toEqual([0, '']);
    expect(byServer.stdout).toContain('  1 session\n');
    expect(byServer.stdout).toContain('Told by the server that the sessions have ended: Example/web.\n');
    await eventually(() => expect(told.map(({ aud }) => aud)).toEqual(['web']));

    await logIn(served, web, 'web');
    const unknown = await charter(['tokens', 'revoke', '--user', 'nobody', '--store', store]);
    expect([unknown.code, unknown.stdout]).toEqual([64, '']);
    await served.server.stop();
    const byStore = await charter(['tokens', 'revoke', '--user', 'ada', '--store', store]);
    expect([byStore.code, byStore.stderr]).toEqual([0, '']);
    expect(byStore.stdout).toContain('  1 session\n');
    expect(byStore.stdout).toContain(
      'Not told that the sessions have ended: Example/web (backchannel_logout_uri). No notices were sent: that takes a server of this store that runs.\n',
    );
    expect(told).toHaveLength(1);
    const gone = await charter(['tokens', 'revoke', '--user', 'nobody', '--store', store]);
    expect([gone.code, gone.stderr]).toEqual([64, unknown.stderr]);
  });
});
