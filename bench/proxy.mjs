// Owns the benchmark of resource protection (goal P17): what the built-in proxy and a question of forward-auth add to a request, against
// what bare Fastify proxying adds, in turn, in one run. Never asserts a time.
//
//   node bench/proxy.mjs [--quick] [--rounds N] [--out FILE]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { readOptions, report } from './report.mjs';

const options = readOptions({ whole: { requests: 20_000 }, quick: { requests: 500 } });
const CONNECTIONS = 32;
const SECRET = 'a-secret-of-the-benchmark-0123456789';

const GOALS = [
  {
    id: 'P17 proxy',
    figure: 'what the proxy adds / what bare proxying adds',
    of: 'proxy adds',
    against: 'bare adds',
    goal: 1.3,
  },
  {
    id: 'P17 forward-auth',
    figure: 'a question / what bare proxying adds',
    of: 'forward-auth',
    against: 'bare adds',
    goal: 1.3,
  },
];

const children = [];
const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
try {
  const upstream = await startSubject('upstream');
  const bare = await startSubject('bare', upstream);
  const { url: charter, token } = await startCharter(upstream);
  const authorization = `Bearer ${token}`;
  const asked = { host: 'api.example.com', authorization };
  const forwarded = {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-uri': '/orders/7',
  };
  const subjects = {
    'upstream alone': [upstream, '/orders/7', asked],
    'bare proxying': [bare, '/orders/7', asked],
    proxy: [charter, '/orders/7', asked],
    'forward-auth': [charter, '/authz/forward-auth', { ...forwarded, authorization }],
  };
  console.log(
    `${options.size.requests.toLocaleString('en')} requests over ${CONNECTIONS} connections; ${options.rounds} rounds\n`,
  );
  const measured = new Map();
  const keep = (figure, ms) => measured.set(figure, [...(measured.get(figure) ?? []), { ms, peakRss: 0, heap: 0 }]);
  for (const subject of Object.values(subjects)) await load(subject, options.size.requests / 4);
  for (let round = 0; round < options.rounds; round += 1) {
    const took = {};
    for (const [figure, subject] of Object.entries(subjects)) {
      took[figure] = await load(subject, options.size.requests);
      keep(figure, took[figure]);
      console.error(
        `round ${round + 1} ${figure}: ${Math.round((options.size.requests / took[figure]) * 1000)} requests a second`,
      );
    }
    keep('bare adds', took['bare proxying'] - took['upstream alone']);
    keep('proxy adds', took.proxy - took['upstream alone']);
  }
  report('proxy', GOALS, measured, options, 0);
} finally {
  for (const child of children) child.kill();
  rmSync(directory, { recursive: true, force: true });
}

/** Milliseconds for so many requests, so many of them at a time as there are connections. */
async function load([url, path, headers], requests) {
  const pool = new Pool(url, { connections: CONNECTIONS });
  let left = requests;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left > 0) {
        left -= 1;
        const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
        if (statusCode !== 200) throw new Error(`${url}${path} answered ${statusCode}: ${await body.text()}`);
        await body.dump();
      }
    }),
  );
  const took = performance.now() - began;
  await pool.destroy();
  return took;
}

async function startSubject(...args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('proxy-subject.mjs', import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [port] = await once(child.stdout, 'data');
  return `http://127.0.0.1:${String(port).trim()}`;
}

/** The real process, with a resource of each kind, and a token of its client. */
async function startCharter(upstream) {
  const port = await freePort();
  const method = { 'client.credentials.1': { type: 'client_credentials' } };
  const server = {
    server: { issuer: `http://localhost:${port}` },
    methods: method,
    scopes: { 'orders:read': { descriptions: [{ key: 'en', value: 'Read orders' }] } },
    resources: {
      orders: {
        ...{ host: 'api.example.com', path: '/orders', upstream },
        access_rules: [{ client: 'Shop/portal', scopes: ['orders:read'] }],
      },
    },
  };
  const site = {
    site: 'Shop',
    methods: Object.keys(method),
    applications: {
      portal: {
        secret: { env: 'SECRET' },
        methods: Object.keys(method),
        allowed_to: ['Callers'],
        metadata: { grant_types: ['client_credentials'], scope: 'orders:read' },
      },
    },
    groups: { Callers: { methods: Object.keys(method) } },
  };
  writeFileSync(join(directory, 'server.yaml'), JSON.stringify(server));
  writeFileSync(join(directory, 'site.yaml'), JSON.stringify(site));
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'serve', directory, '--store', join(directory, 'charter.db')], {
    env: { ...process.env, SECRET, CHARTER_LOG_LEVEL: 'info' },
    stdio: 'ignore',
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'portal',
    client_secret: SECRET,
    scope: 'orders:read',
  });
  for (;;) {
    const response = await fetch(`${url}/token`, { method: 'POST', body }).catch(() => undefined);
    if (response?.status === 200) return { url, token: (await response.json()).access_token };
    if (child.exitCode !== null) throw new Error(`charter serve ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
