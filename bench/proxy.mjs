// Owns the benchmark of resource protection (goal P17): what the built-in proxy and a question of forward-auth add to a request, against
// what bare Fastify proxying adds, in turn, in one run. Never asserts a time.
//
//   node bench/proxy.mjs [--quick] [--rounds N] [--out FILE]

import { Pool } from 'undici';
import { askOnce } from './asking.mjs';
import { SECRET, startCharter, startSubject, withProcesses } from './processes.mjs';
import { readOptions, report } from './report.mjs';
import { protectedResource } from './world.mjs';

const options = readOptions({ whole: { requests: 20_000 }, quick: { requests: 500 } });
const CONNECTIONS = 32;

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

/** On any core: what is measured is what the proxy adds, and the server behind and who asks take most of the time. */
const ANYWHERE = { on: 'any' };

await withProcesses(async (processes) => {
  const subject = async (...args) => urlOf(await startSubject(processes.start, 'proxy-subject.mjs', args, ANYWHERE));
  const upstream = await subject('upstream');
  const bare = await subject('bare', upstream);
  const server = await startCharter(processes, 'charter', (port) => protectedResource(port, upstream), ANYWHERE);
  const charter = urlOf(server);
  const asked = { client_id: 'portal', client_secret: SECRET, scope: 'orders:read' };
  const { access_token: token } = await askOnce('/token', server.port, {
    grant_type: 'client_credentials',
    ...asked,
  });
  const authorization = `Bearer ${token}`;
  const headers = { host: 'api.example.com', authorization };
  const forwarded = {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-uri': '/orders/7',
  };
  const subjects = {
    'upstream alone': [upstream, '/orders/7', headers],
    'bare proxying': [bare, '/orders/7', headers],
    proxy: [charter, '/orders/7', headers],
    'forward-auth': [charter, '/authz/forward-auth', { ...forwarded, authorization }],
  };
  console.log(
    `${options.size.requests.toLocaleString('en')} requests over ${CONNECTIONS} connections; ${options.rounds} rounds\n`,
  );
  const measured = new Map();
  const keep = (figure, ms) => measured.set(figure, [...(measured.get(figure) ?? []), { ms }]);
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
});

function urlOf({ port }) {
  return `http://127.0.0.1:${port}`;
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
