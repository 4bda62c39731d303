// The built-in proxy: what goes through to the server behind a resource, what does not, and how exchanges end that do not end well.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { basicAuth, json, obtainTokens, post } from './browser.ts';
import { rawRequest } from './raw-request.ts';
import { HOST, withResources } from './resource-spec.ts';
import { SECRET } from './spec.ts';
import { type Arrived, startUpstream } from './upstream.ts';
import { serve, serveForAll, type World } from './world.ts';

const upstream = await startUpstream();
afterAll(() => upstream.close());
const timeouts = { connect: 1000, answer: 1000, idle: 2000 };
const world = await serveForAll(withResources(upstream.url), {
  app: { upstreamTimeouts: timeouts, checkTunnelsEvery: 50 },
});
const token: string = (await obtainTokens(world, 'web', { scope: 'api notes' })).access_token;

beforeEach(() => {
  upstream.arrived.length = 0;
  upstream.answer = (_request, response) => void response.end('behind');
});

type Asked = Parameters<typeof rawRequest>[2];

/** With the token, unless there is one among the headers. */
function ask(path: string, { headers = [], ...more }: Asked = {}, at: Pick<World, 'port'> = world) {
  const has = headers.some(([name]) => name.toLowerCase() === 'authorization');
  return rawRequest(at, path, {
    host: HOST,
    ...more,
    headers: [...(has ? [] : [['Authorization', `Bearer ${token}`] as const]), ...headers],
  });
}

const last = (): Arrived => upstream.arrived.at(-1) as Arrived;

describe('what goes through', () => {
  it('S:N-08 a request whose token passes, with method, body and headers, and the answer to it', async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(
        418,
        'Short and stout',
        [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['X-Own', 'ü'],
          ['Content-Type', 'text/x-tea'],
        ].flat(),
      );
      response.end('tea');
    };
    const answer = await ask('/api/x/y?q=%2F&q=2', {
      method: 'PUT',
      headers: [
        ['Content-Type', 'text/x-leaf'],
        ['X-Twice', '1'],
        ['X-Twice', '2'],
      ],
      body: 'leaf',
    });
    expect([answer.status, answer.text]).toEqual([418, 'tea']);
    expect(answer.headers.get('set-cookie')).toBe('a=1,b=2');
    expect(answer.headers.get('content-type')).toBe('text/x-tea');
    expect(upstream.arrived).toHaveLength(1);
    expect(last()).toMatchObject({ method: 'PUT', url: '/api/x/y?q=%2F&q=2', body: 'leaf' });
    expect(last().headers).toMatchObject({ 'content-type': 'text/x-leaf', 'x-twice': '1, 2', 'content-length': '4' });
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'REPORT', 'TRACE'])(
    '%s is a method like others',
    async (method) => {
      const answer = await ask('/api', { method });
      expect([answer.status, answer.text]).toEqual([200, method === 'HEAD' ? '' : 'behind']);
      expect(last().method).toBe(method);
    },
  );

  it('P:X-006 the path that is sent is the one that was judged, and the query is as it came', async () => {
    await ask('//api/./x/%2e%2e/%61b//c?x=%2e%2e//..;&y');
    expect(last().url).toBe('/api/ab/c?x=%2e%2e//..;&y');
    await ask('/api/%c3%a5/', {});
    expect(last().url).toBe('/api/%C3%A5/');
  });

  it('the path of the upstream stands before that of the request', async () => {
    const own = await serve(withResources(`${upstream.url}/base/`));
    const mine = (await obtainTokens(own, 'web', { scope: 'api' })).access_token;
    await ask('/api/x', { headers: [['Authorization', `Bearer ${mine}`]] }, own);
    expect(last().url).toBe('/base/api/x');
  });

  it('the token stays here unless the resource forwards it, wherever it stood', async () => {
    await ask('/api');
    expect(last().headers).not.toHaveProperty('authorization');
    await ask('/keeps');
    expect(last().headers.authorization).toBe(`Bearer ${token}`);
    await ask(`/anywhere?a=1&access_token=${token}&b=%20`, { headers: [['Authorization', 'Basic YTpi']] });
    expect(last().url).toBe('/anywhere?a=1&b=%20');
    expect(last().headers).not.toHaveProperty('authorization');
    const answer = await ask(`/anywhere?access_token=${token}`, { headers: [['Authorization', 'Basic YTpi']] });
    expect(last().url).toBe('/anywhere');
    // RFC 6750 2.3: what came by a URL that holds a token is not for shared caches.
    expect(answer.headers.get('cache-control')).toBe('private');
    expect(JSON.stringify(upstream.arrived.filter(({ url }) => url !== '/keeps'))).not.toContain(token);
  });

  it('P:B-002 S:N-02 a token in a form is taken where the resource says so, and leaves the form', async () => {
    const form = (text: string, path = '/anywhere') =>
      rawRequest(world, path, {
        host: HOST,
        method: 'POST',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: text,
      });
    expect((await form(`a=1&access_token=${token}&b=%20x`)).status).toBe(200);
    expect(last().body).toBe('a=1&b=%20x');
    expect(last().headers['content-length']).toBe('10');
    expect((await form(`access_token=${token}`, '/api')).status).toBe(401);
    expect((await form('a=1')).status).toBe(401);
    const twice = await ask('/anywhere', {
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `access_token=${token}`,
    });
    expect([twice.status, twice.text]).toEqual([400, expect.stringContaining('BEARER_TOKEN_REPEATED')]);
    expect((await form(`x=${'x'.repeat(70_000)}&access_token=${token}`)).status).toBe(413);
  });

  it('says who it is, and lets nobody say so himself, in whatever spelling', async () => {
    const forged = [
      'Remote-User',
      'remote_user',
      'REMOTE-GROUPS',
      'Remote_Groups',
      'X-Charter-Subject',
      'X_Charter_Client',
      'x-charter-scope',
      'X-Charter-Permissions',
      'X_CHARTER_ADMIN',
      'Remote-Email',
      'Remote-Name',
      'X.Charter.Subject',
      'Remote!User',
    ];
    await ask('/api', { headers: forged.map((name) => [name, 'root'] as const) });
    expect(last().rawHeaders).not.toContain('root');
    expect(last().headers).toMatchObject({
      'remote-user': 'Example/ada',
      'remote-groups': 'Example/Archivists',
      'x-charter-subject': 'ada-0001',
      'x-charter-client': 'web',
      'x-charter-scope': 'api notes',
      'x-charter-permissions': '',
    });
    const cc = (
      await json(post(world, '/token', { grant_type: 'client_credentials', scope: 'notes' }, { as: 'batch' }))
    ).access_token;
    await ask('/either', {
      headers: [
        ['Authorization', `Bearer ${cc}`],
        ['Remote-User', 'root'],
        ['Connection', 'remote-user, x-charter-client'],
      ],
    });
    expect(last().headers).toMatchObject({ 'remote-user': '', 'remote-groups': '', 'x-charter-client': 'batch' });
  });

  it('P:X-006 headers that would change method, path or origin do not go through', async () => {
    const changing = [
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      'X_Http_Method_Override',
      'X-Original-URL',
      'X-Rewrite-URL',
      'X-Forwarded-Prefix',
      'X-Forwarded-Uri',
      'X-Real-IP',
      'Forwarded',
      'X_Forwarded_For',
      'Proxy-Connection',
      'X-Forwarded-User',
    ];
    await ask('/api', { headers: changing.map((name) => [name, 'DELETED'] as const) });
    expect(JSON.stringify(last().rawHeaders)).not.toContain('DELETED');
  });

  it('what is of one connection stays there, in both directions', async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, {
        Connection: 'close, X-Hop',
        'X-Hop': 'secret',
        'Keep-Alive': 'timeout=5',
        'X-Kept': 'yes',
        Upgrade: 'h2c',
      });
      response.end('ok');
    };
    const answer = await ask('/api', {
      method: 'POST',
      headers: [
        ['Connection', 'keep-alive, X-Mine'],
        ['X-Mine', 'secret'],
        ['TE', 'trailers'],
        ['Keep-Alive', 'timeout=9'],
        ['Proxy-Authorization', 'Basic x'],
        ['X-Kept', 'yes'],
      ],
      body: 'x',
    });
    expect(answer.text).toBe('ok');
    expect(last().headers).toMatchObject({ 'x-kept': 'yes' });
    for (const name of ['x-mine', 'te', 'keep-alive', 'proxy-authorization'])
      expect(last().headers).not.toHaveProperty(name);
    expect(answer.headers.get('x-kept')).toBe('yes');
    for (const name of ['x-hop', 'upgrade']) expect(answer.headers.get(name)).toBeNull();
  });

  it('the cookies of this server are for it alone: none goes to a server behind, and none comes from it', async () => {
    upstream.answer = (_request, response) => {
      response
        .writeHead(
          200,
          [
            ['Set-Cookie', '__Host-charter-session-0123abcd=stolen; Path=/'],
            ['Set-Cookie', 'own=1'],
          ].flat(),
        )
        .end();
    };
    const answer = await ask('/api', {
      headers: [['Cookie', 'a=1; __Host-charter-session-0123abcd=secret; charter-browser-0123abcd=x; b=2']],
    });
    expect(last().headers.cookie).toBe('a=1; b=2');
    expect(answer.headers.get('set-cookie')).toBe('own=1');
  });

  it('S:A-18 says where a request came from: what strangers say of that is dropped, what trusted proxies say is gone on with', async () => {
    const headers = [
      ['X-Forwarded-For', '10.1.1.1, 192.0.2.1'],
      ['X-Forwarded-Proto', 'gopher'],
      ['X-Forwarded-Host', 'evil.example'],
    ] as const;
    await ask('/api', { headers });
    expect(last().headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': HOST,
      'x-forwarded-proto': 'https',
    });
    expect(last().headers.forwarded).toBe(`for=127.0.0.1;host="${HOST}";proto=https`);
    expect(last().headers.host).toBe(new URL(upstream.url).host);
    // Where nobody is trusted it is the connection that counts for rules too.
    expect((await ask('/inside', { headers })).status).toBe(403);
    const behind = await serve(withResources(upstream.url), { app: { trustedProxies: ['127.0.0.0/8'] } });
    const mine = (await obtainTokens(behind, 'web', { scope: 'api' })).access_token;
    const authorization = ['Authorization', `Bearer ${mine}`] as const;
    await ask('/api', { headers: [authorization, ...headers] }, behind);
    expect(last().headers['x-forwarded-for']).toBe('10.1.1.1, 192.0.2.1, 127.0.0.1');
    expect(last().headers.forwarded).toContain('for=192.0.2.1;');
    const from = (chain: string) => ask('/inside', { headers: [authorization, ['X-Forwarded-For', chain]] }, behind);
    expect((await from('192.0.2.1, 10.1.1.1')).status).toBe(200);
    expect((await from('10.1.1.1, 192.0.2.1')).status).toBe(403);
  });
});

describe('what does not', () => {
  it('P:X-005 nothing without a token that passes, and then nothing is asked of the server behind', async () => {
    const bad = [[], [['Authorization', 'Bearer x']]] as const;
    for (const headers of bad) expect((await rawRequest(world, '/api', { host: HOST, headers })).status).toBe(401);
    expect((await ask('/api/admin')).status).toBe(401);
    expect((await ask('/notes')).status).toBe(403);
    expect(
      (
        await ask('/api', {
          headers: [
            ['Authorization', `Bearer ${token}`],
            ['Authorization', `Bearer ${token}`],
          ],
        })
      ).status,
    ).toBe(400);
    expect(upstream.arrived).toEqual([]);
  });

  it('P:X-005 what no resource covers is not there, whoever asks', async () => {
    for (const path of ['/', '/apix', '/nothing/api']) expect((await ask(path)).status).toBe(404);
    expect((await ask('/api', { host: 'other.example' })).status).toBe(404);
    expect((await ask('/reading', { method: 'POST' })).status).toBe(404);
    expect(upstream.arrived).toEqual([]);
  });

  it.each([
    '/api%2fadmin',
    '/api/..;/admin',
    '/api/%252e%252e/x',
    '/api\\..\\x',
    '/api/%00',
    '/../api',
    '/api//../x',
    '/api;/admin',
    '/api/%5c..',
  ])('P:X-006 %s is refused', async (path) => {
    expect([400, 404]).toContain((await ask(path)).status);
    expect(upstream.arrived).toEqual([]);
  });

  it('P:X-006 two Host headers, or a target for another host, are refused', async () => {
    const twice = await ask('/api', { headers: [['Host', HOST]] });
    expect([twice.status, twice.text]).toEqual([400, expect.stringContaining('HOST_REPEATED')]);
    const other = await ask(`http://evil.example/api`);
    expect([other.status, other.text]).toEqual([400, expect.stringContaining('TARGET_UNREADABLE')]);
    expect((await ask(`http://${HOST}/api`)).status).toBe(200);
    expect(last().url).toBe('/api');
  });

  it('the paths of this server are its own, however they are written', async () => {
    const own = await serve(
      withResources(upstream.url, ({ server }) => {
        server.resources.all = {
          host: HOST,
          path: '/',
          upstream: upstream.url,
          access_rules: [{ audience: 'Example/api' }],
        };
      }),
    );
    const mine = (await obtainTokens(own, 'web', { scope: 'api' })).access_token;
    const headers = [['Authorization', `Bearer ${mine}`]] as const;
    for (const path of [
      '/token',
      '/userinfo',
      '/healthz',
      '/jwks',
      '/.well-known/openid-configuration',
      '/authz/forward-auth',
      '/authz/ext-authz/api',
    ]) {
      await ask(path, { headers }, own);
    }
    for (const path of ['//token', '/./userinfo', '/x/../healthz'])
      expect((await ask(path, { headers }, own)).status).toBe(404);
    expect((await ask('/healthz', { method: 'POST', headers }, own)).status).toBe(404);
    expect(upstream.arrived).toEqual([]);
    expect((await ask('/tokens', { headers }, own)).status).toBe(200);
  });

  it('a body that nobody reads ends its connection', async () => {
    const answer = await ask('/api', {
      method: 'POST',
      headers: [['Authorization', 'Bearer x']],
      body: 'x'.repeat(1000),
    });
    expect([answer.status, answer.headers.get('connection')]).toEqual([401, 'close']);
  });
});

describe('large and slow bodies', () => {
  it('go through piece by piece, in both directions and at once', async () => {
    upstream.answer = (request, response) => {
      response.writeHead(200);
      request.pipe(response);
    };
    const asked = httpRequest({
      host: '127.0.0.1',
      port: world.port,
      path: '/api',
      method: 'POST',
      headers: { host: HOST, authorization: `Bearer ${token}`, 'x-large': '1' },
    });
    asked.write('one');
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    const pieces = response.iterator();
    expect(String((await pieces.next()).value)).toBe('one');
    asked.write('two');
    expect(String((await pieces.next()).value)).toBe('two');
    asked.end();
    expect((await pieces.next()).done).toBe(true);
  });

  it('arrive whole, whatever their size', async () => {
    const sent = createHash('sha256');
    const got = createHash('sha256');
    upstream.answer = (request, response) => void request.pipe(response);
    const asked = httpRequest({
      host: '127.0.0.1',
      port: world.port,
      path: '/api',
      method: 'POST',
      headers: { host: HOST, authorization: `Bearer ${token}`, 'x-large': '1' },
    });
    const answered = once(asked, 'response').then(async ([response]) => {
      for await (const chunk of response as AsyncIterable<Buffer>) got.update(chunk);
    });
    for (let at = 0; at < 64; at += 1) {
      const chunk = randomBytes(512 * 1024);
      sent.update(chunk);
      if (!asked.write(chunk)) await once(asked, 'drain');
    }
    asked.end();
    await answered;
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });
});

describe('messages of every form', () => {
  const HEAD = `Host: ${HOST}\r\nAuthorization: Bearer ${token}\r\n`;

  /** What comes back for these bytes, until it matches. */
  async function exchanged(
    sent: string,
    until: RegExp,
    more?: { readonly after: RegExp; readonly sent: string },
  ): Promise<string> {
    const socket = connect(world.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.write(sent);
    if (more !== undefined) {
      await expect.poll(() => text).toMatch(more.after);
      socket.write(more.sent);
    }
    await expect.poll(() => text).toMatch(until);
    socket.destroy();
    return text;
  }

  it('an upload in chunks, with trailers, arrives without those', async () => {
    const sent = `POST /api HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n3\r\nabc\r\n0\r\nX-End: 1\r\n\r\n`;
    await exchanged(sent, /behind/);
    expect(last()).toMatchObject({ body: 'abc' });
    expect(last().headers['transfer-encoding']).toBe('chunked');
    expect(last().headers).not.toHaveProperty('content-length');
  });

  it('who asks whether to go on is told to', async () => {
    const sent = `POST /api HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`;
    await exchanged(sent, /behind/, { after: /^HTTP\/1\.1 100 Continue/, sent: 'abc' });
    expect(last()).toMatchObject({ body: 'abc' });
    expect(last().headers).not.toHaveProperty('expect');
  });

  it('requests that come at once are answered in their order', async () => {
    upstream.answer = ({ url }, response) => void setTimeout(() => response.end(`[${url}]`), url === '/api/1' ? 60 : 0);
    const sent = ['/api/1', '/api/2', '/nothing', '/api/3']
      .map((path) => `GET ${path} HTTP/1.1\r\n${HEAD}\r\n`)
      .join('');
    const text = await exchanged(sent, /\[\/api\/3\]/);
    expect(text.match(/HTTP\/1\.1 (\d+)|\[[^\]]+\]/g)).toEqual([
      'HTTP/1.1 200',
      '[/api/1]',
      'HTTP/1.1 200',
      '[/api/2]',
      'HTTP/1.1 404',
      'HTTP/1.1 200',
      '[/api/3]',
    ]);
  });

  it('answers without a body, and such to HEAD, keep the connection and what they say of the length', async () => {
    upstream.answer = ({ url = '', method }, response) => {
      if (url.endsWith('204')) response.writeHead(204).end();
      else if (url.endsWith('304')) response.writeHead(304, { etag: '"a"' }).end();
      // As long as the answer to a GET would be (RFC 9110 8.6).
      else if (url.endsWith('30')) response.writeHead(304, { 'content-length': '30' }).end();
      else response.writeHead(200, { 'content-length': '7' }).end(method === 'HEAD' ? undefined : 'content');
    };
    const sent = [...['GET /api/204', 'GET /api/304', 'GET /api/30', 'HEAD /api/x', 'GET /api/x']].map(
      (line) => `${line} HTTP/1.1\r\n${HEAD}\r\n`,
    );
    const text = await exchanged(sent.join(''), /content$/);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 204',
      'HTTP/1.1 304',
      'HTTP/1.1 304',
      'HTTP/1.1 200',
      'HTTP/1.1 200',
    ]);
    expect(text.match(/content-length: 7/gi)).toHaveLength(2);
    expect(text).toMatch(/content-length: 30/i);
    expect(text).not.toMatch(/transfer-encoding/i);
  });

  it('an answer whose reason phrase is in another alphabet goes through without it', async () => {
    upstream.answer = (_request, { socket }) =>
      void socket?.end('HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 4\r\n\r\nhere', 'latin1');
    expect(await exchanged(`GET /api HTTP/1.1\r\n${HEAD}\r\n`, /here$/)).toMatch(/^HTTP\/1\.1 200 \r\n/);
  });

  it('answers that come before the answer are not taken for it', async () => {
    upstream.answer = (_request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end('after');
    };
    const answer = await ask('/api');
    expect([answer.status, answer.text]).toEqual([200, 'after']);
  });

  it('an answer that ends with its connection is whole', async () => {
    upstream.answer = ({ socket }) => void socket.end('HTTP/1.0 200 OK\r\nX-Old: 1\r\n\r\nold words');
    const answer = await ask('/api');
    expect([answer.status, answer.text, answer.headers.get('x-old')]).toEqual([200, 'old words', '1']);
  });

  it('an upload that breaks off breaks off behind', async () => {
    const broken = new Promise<void>((resolve) => {
      upstream.answer = (request) => void request.on('error', () => resolve()).resume();
    });
    const socket = connect(world.port, '127.0.0.1');
    socket.write(`POST /api HTTP/1.1\r\n${HEAD}X-Large: 1\r\nContent-Length: 100\r\n\r\nabc`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await broken;
  });

  it.each([
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'X-Odd : 1\r\n\r\n'],
    ['a header over two lines', 'X-Odd: 1\r\n 2\r\n\r\n'],
  ])('a request that two servers could end at two places does not go through: %s', async (_what, rest) => {
    const text = await exchanged(`POST /api HTTP/1.1\r\n${HEAD}${rest}`, /^HTTP\/1\.1 \d+/);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(upstream.arrived).toEqual([]);
  });
});

describe('a server behind that fails', () => {
  it('is 502 in words that tell nothing of where it is', async () => {
    const gone = createTcpServer();
    gone.listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const own = await serve(withResources(`http://127.0.0.1:${port}`));
    const mine = (await obtainTokens(own, 'web', { scope: 'api' })).access_token;
    const answer = await ask('/api', { headers: [['Authorization', `Bearer ${mine}`]] }, own);
    expect(answer.status).toBe(502);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(answer.text)).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^UPSTREAM_FAILED: /),
    });
    expect(answer.text).not.toContain(String(port));
    await expect.poll(() => JSON.stringify(own.records)).toContain('ECONNREFUSED');
  });

  it('is 502 where it ends the connection, or answers what is no HTTP', async () => {
    upstream.answer = (request) => void request.socket.destroy();
    for (const method of ['GET', 'POST'])
      expect((await ask('/api', { method, body: method === 'POST' ? 'x' : '' })).status).toBe(502);
    // What may be repeated was, once.
    expect(upstream.arrived.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
    upstream.answer = (request) => void request.socket.end('nonsense\r\n\r\n');
    expect((await ask('/api', { method: 'POST' })).status).toBe(502);
  });

  it('is 504 where it does not answer in time', async () => {
    upstream.answer = () => undefined;
    const answer = await ask('/api', { method: 'POST' });
    expect([answer.status, answer.text]).toEqual([504, expect.stringContaining('UPSTREAM_TIMEOUT')]);
  });

  it.each([
    ['of a known length', { 'content-length': '100' }, '1.1'],
    ['in chunks', {}, '1.1'],
    ['in chunks, to a client of HTTP/1.0', {}, '1.0'],
  ])('mid-response breaks the answer off for the client: %s', async (_how, headers, version) => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, headers);
      response.write('begun', () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    };
    const socket = connect(world.port, '127.0.0.1');
    socket.write(`GET /api HTTP/${version}\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    const { text, error } = await endOf(socket);
    expect(text).toContain('200 OK');
    expect(text).toContain('begun');
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
    if (version === '1.0') expect(error).toBe('ECONNRESET');
    await expect.poll(() => JSON.stringify(world.records)).toContain('broken_off');
  });

  it('hears when the client is gone', async () => {
    const ended = new Promise<void>((resolve) => {
      upstream.answer = (request, response) => {
        response.write('begun');
        request.socket.on('close', () => resolve());
      };
    });
    const socket = connect(world.port, '127.0.0.1');
    socket.write(`GET /api HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await ended;
  });

  it('may answer before it has read all of an upload', async () => {
    upstream.answer = (request, response) => {
      response.writeHead(413, { connection: 'close' }).end('too large');
      request.resume();
    };
    const asked = httpRequest({
      host: '127.0.0.1',
      port: world.port,
      path: '/api',
      method: 'POST',
      headers: { host: HOST, authorization: `Bearer ${token}`, 'x-large': '1' },
    });
    asked.on('error', () => undefined);
    asked.write('x'.repeat(1000));
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe('close');
    asked.destroy();
  });

  it('is asked again on the same connection by the next request of the client', async () => {
    const lines = Array.from(
      { length: 3 },
      () => `POST /api HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 2\r\n\r\nhi`,
    );
    const socket = connect(world.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    for (const [at, line] of lines.entries()) {
      socket.write(line);
      await expect.poll(() => text.match(/behind/g)?.length).toBe(at + 1);
    }
    socket.destroy();
    expect(upstream.arrived.map(({ body }) => body)).toEqual(['hi', 'hi', 'hi']);
  });
});

/** All that a socket received until its end. */
async function endOf(socket: Socket): Promise<{ readonly text: string; readonly error: string | undefined }> {
  let text = '';
  let error: string | undefined;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', (problem: NodeJS.ErrnoException) => {
    error = problem.code;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return { text, error };
}

describe('websockets', () => {
  // As far as a proxy sees them: a handshake, then bytes.
  const echo = createServer((_request, response) => void response.writeHead(426, { 'x-said': 'no' }).end('upgrade'));
  const seen: string[] = [];
  echo.on('upgrade', (request, socket, head) => {
    seen.push(request.url ?? '');
    if (request.url?.includes('refuse'))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nX-User: ${request.headers['remote-user']}\r\n\r\nhello;`,
    );
    socket.on('error', () => undefined);
    socket.write(head);
    socket.pipe(socket);
    return undefined;
  });
  echo.listen(0, '127.0.0.1');
  afterAll(() => echo.close());

  const open = async (at: World, path: string, bearer: string | undefined, more = ''): Promise<Socket> => {
    const socket = connect(at.port, '127.0.0.1');
    const authorization = bearer === undefined ? '' : `Authorization: Bearer ${bearer}\r\n`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${authorization}${more}\r\n`,
    );
    return socket;
  };
  const behindEcho = async (): Promise<{ own: World; mine: string }> => {
    const { port } = echo.address() as AddressInfo;
    const own = await serve(withResources(`http://127.0.0.1:${port}`), {
      app: { upstreamTimeouts: timeouts, checkTunnelsEvery: 50 },
    });
    return { own, mine: (await obtainTokens(own, 'web', { scope: 'api notes' })).access_token };
  };
  const received = (socket: Socket) => {
    const got = { text: '' };
    socket.on('data', (chunk) => {
      got.text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    return got;
  };

  it('go through the same decision, and then both ways', async () => {
    const { own, mine } = await behindEcho();
    const socket = await open(own, '/api/live?x=1', mine, 'Remote-User: root\r\n');
    const got = received(socket);
    await expect.poll(() => got.text).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello;$/);
    expect(got.text.toLowerCase()).toContain('sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=');
    expect(got.text.toLowerCase()).toContain('upgrade: websocket');
    expect(got.text).toContain('Example/ada');
    socket.write('ping;');
    await expect.poll(() => got.text).toMatch(/hello;ping;$/);
    expect(seen.at(-1)).toBe('/api/live?x=1');
    socket.destroy();
  });

  it('without a token that passes are answered as every request is, and nothing is asked behind', async () => {
    const { own, mine } = await behindEcho();
    const before = seen.length;
    for (const [path, bearer, status] of [
      ['/api', undefined, 401],
      ['/api', 'x', 401],
      ['/notes', mine, 403],
      ['/api%2fx', mine, 400],
      ['/nothing', mine, 404],
      ['/userinfo', undefined, 401],
    ] as const) {
      const socket = await open(own, path, bearer);
      const got = received(socket);
      await expect.poll(() => got.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(got.text).toContain('"error"');
      socket.destroy();
    }
    expect(seen).toHaveLength(before);
  });

  it('that the server behind refuses are refused with its words', async () => {
    const { own, mine } = await behindEcho();
    const socket = await open(own, '/api/refuse', mine);
    const { text } = await endOf(socket);
    expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*\r\n\r\n(no|2\r\nno\r\n0\r\n\r\n)$/);
  });

  it('end with the token, when it is revoked, and when the configuration takes the access away', async () => {
    const { own, mine } = await behindEcho();
    for (const end of [
      async () => void (await post(own, '/revoke', { token: mine }, { as: 'web' })),
      async (other: string) => {
        expect(other).not.toBe(mine);
        await own.apply(({ site }) => site.groups.Archivists.members.pop(), 'approved');
      },
    ]) {
      const bearer = (await obtainTokens(own, 'web', { scope: 'api notes' })).access_token;
      const used = end.length === 0 ? mine : bearer;
      const socket = await open(own, '/staff', used);
      const got = received(socket);
      await expect.poll(() => got.text).toContain('hello;');
      const closed = once(socket, 'close');
      await end(bearer);
      await closed;
    }
  });

  it('another protocol that a client would rather speak is not spoken, and its request answered', async () => {
    const body = 'grant_type=client_credentials&scope=notes';
    const head = `POST /token HTTP/1.1\r\nHost: as.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nAuthorization: ${basicAuth('batch', SECRET)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (const parts of [[head + body], [head, body], [head + body.slice(0, 5), body.slice(5)]]) {
      const socket = connect(world.port, '127.0.0.1');
      const got = received(socket);
      for (const part of parts) {
        socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await expect.poll(() => got.text).toMatch(/^HTTP\/1\.1 200 [\s\S]*"access_token"/);
      // The connection goes on.
      got.text = '';
      socket.write(`GET /api HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      await expect.poll(() => got.text).toContain('behind');
      socket.destroy();
    }
  });
});
