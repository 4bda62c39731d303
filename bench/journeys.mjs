// Owns the process of people: each has a browser of its own, logs in, allows what is asked for, and has the code redeemed. Reads pages
// as text. Never knows which server it is at.
//
// A job is `{ port, authorize, token, person, client, browsers, seconds, count }`: paths, what is filled into forms, and the client that asks.

import { createHash, randomBytes } from 'node:crypto';
import { Pool } from 'undici';

process.on('message', async (job) => {
  try {
    process.send({ result: await run(job) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});

async function run({ port, browsers, seconds, count = Number.POSITIVE_INFINITY, ...journey }) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: browsers });
  const times = [];
  let set = 0;
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: browsers }, async () => {
      while (performance.now() < end && set < count) {
        set += 1;
        const out = performance.now();
        await travel(pool, `127.0.0.1:${port}`, journey);
        times.push(performance.now() - out);
      }
    }),
  );
  const took = performance.now() - began;
  await pool.close();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor((times.length - 1) * share)];
  const busy = performance.eventLoopUtilization(before).utilization;
  return { answers: times.length, seconds: took / 1000, p50: at(0.5), p99: at(0.99), busy };
}

/** From the authorization request to the tokens. */
async function travel(pool, host, { authorize, token, person, client }) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    ...{ client_id: client.client_id, redirect_uri: client.redirect_uri, scope: client.scope },
    state: randomBytes(12).toString('base64url'),
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const cookies = new Map();
  let at = await go(pool, host, cookies, { method: 'GET', path: `${authorize}?${query}` });
  for (let pages = 0; at.code === undefined; pages += 1) {
    if (pages > 4 || at.form === undefined) throw new Error(`no code: ${at.status} ${at.text}`);
    const { action, fields } = at.form;
    at = await go(pool, host, cookies, { method: 'POST', path: action, ...encoded({ ...fields, ...person }) });
  }
  const { client_id, client_secret, redirect_uri } = client;
  const form = { grant_type: 'authorization_code', code: at.code, code_verifier: verifier };
  const answer = await pool.request({
    method: 'POST',
    path: token,
    ...encoded({ ...form, client_id, client_secret, redirect_uri }),
  });
  const body = await answer.body.json();
  if (body.access_token === undefined || body.id_token === undefined) throw new Error(JSON.stringify(body));
}

function encoded(fields) {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  };
}

/** Follows redirects for as long as they stay at the server. */
async function go(pool, host, cookies, request) {
  for (let next = request; ; ) {
    const sent = [...cookies]
      .filter(([, { path }]) => next.path.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const headers = { host, ...next.headers, ...(sent.length === 0 ? {} : { cookie: sent.join('; ') }) };
    const { statusCode, headers: told, body } = await pool.request({ ...next, headers });
    const text = await body.text();
    for (const line of [told['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      const path = /; *path=([^;]*)/i.exec(line)?.[1] ?? '/';
      if (value === '') cookies.delete(name);
      else cookies.set(name, { value, path });
    }
    if (told.location === undefined) return { status: statusCode, text, form: formIn(text) };
    const url = new URL(told.location, `http://${host}${next.path}`);
    const code = url.searchParams.get('code');
    if (code !== null) return { code };
    if (url.searchParams.has('error')) throw new Error(`refused: ${told.location}`);
    next = { method: 'GET', path: url.pathname + url.search };
  }
}

/** The first form of a page: where it goes, and what is hidden in it. */
function formIn(html) {
  const action = /<form[^>]* action="([^"]*)"/.exec(html)?.[1];
  if (action === undefined) return undefined;
  const fields = {};
  for (const [input] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    fields[/ name="([^"]*)"/.exec(input)?.[1]] = unescapeHtml(/ value="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  const url = new URL(unescapeHtml(action), 'http://localhost');
  return { action: url.pathname + url.search, fields };
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

function unescapeHtml(text) {
  return text.replace(/&(#?[a-z0-9]+);/gi, (whole, name) => ENTITIES[name.toLowerCase()] ?? whole);
}
