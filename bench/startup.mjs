// Owns the benchmark of starting and following: how soon a command answers and a server gives its first token (goal P15), how soon an
// edit is served (P12), and what memory the server takes (P14), each against the bare thing, in turn, in one run. Never asserts a time.
//
//   node bench/startup.mjs [--quick] [--rounds N] [--out FILE]

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { announce, measureRounds, median, readOptions, report } from './report.mjs';
import { edited, specFiles } from './spec.mjs';

const options = readOptions({
  // In the quiet what a start leaves to be collected is.
  whole: { applications: 100_000, files: 1000, edited: 10_000, quietMs: 30_000 },
  quick: { applications: 1000, files: 10, edited: 1000, quietMs: 100 },
});

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/bundle/charter.js');
const SUBJECT = fileURLToPath(new URL('startup-subject.mjs', import.meta.url));
/** How often what is short is measured in one round; the median counts. */
const REPEATS = 5;

const GOALS = [
  { id: 'P15 version', figure: 'charter --version / node -e 0', of: 'version', against: 'node', goal: 1.2 },
  {
    id: 'P15 validate',
    figure: 'charter validate examples/quickstart / node -e 0',
    of: 'validate',
    against: 'node',
    goal: 2,
  },
  {
    id: 'P15 serve',
    figure: 'start to the first token from the store / reading its rows',
    of: 'serve',
    against: 'rows',
    goal: 3,
  },
  {
    id: 'P12',
    figure: 'file saved to the first token of the new generation / event of a watcher',
    of: 'reload',
    against: 'event',
    goal: 8,
  },
  {
    id: 'P14',
    figure: 'memory of serve at rest / JSON of the spec',
    of: 'memory',
    against: 'JSON',
    by: 'peakRss',
    goal: 8,
  },
];

/** One for all applications: no environment holds a hundred thousand. */
const { formatGeneratedSecret } = await import('../dist/model/generated-secret.js');
const SECRET = formatGeneratedSecret(Buffer.from('the-secret-of-the-benchmarks-42!'));
const env = { ...process.env, BENCH_SECRET: SECRET, CHARTER_LOG_LEVEL: 'warn' };
/** Of spec.mjs: it calls the one beside it. */
const CLIENT = 'team-0000.billing-0';

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
const children = [];
try {
  const large = await makeSpec('large', options.size.applications);
  const small = await makeSpec('small', options.size.edited);
  announce(options, large.bytes);
  for (const { spec, store } of [large, small]) {
    execFileSync(process.execPath, [MAIN, 'apply', spec, '--store', store], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const measured = await measureRounds(options.rounds, ['short', 'start', 'edit'], (subject, round) =>
    ({ short, start: () => start(large, round === 0), edit: () => edit(small) })[subject](),
  );
  report('startup', GOALS, measured, options, large.bytes);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}

/** Commands that end at once, in turn. */
function short() {
  const commands = {
    node: ['-e', '0'],
    version: [MAIN, '--version'],
    validate: [MAIN, 'validate', 'examples/quickstart'],
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const [name, args] of Object.entries(commands)) {
      const began = performance.now();
      execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
      times[name].push(performance.now() - began);
    }
  }
  return figuresOf(Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])));
}

/** From the start of the process: to having read the rows, and to the first token; then, once, what it takes when the spec is served. */
async function start({ spec, store, url, port, json }, hasMemory) {
  let began = performance.now();
  execFileSync(process.execPath, [SUBJECT, 'rows', store]);
  const rows = performance.now() - began;
  began = performance.now();
  const server = serve(spec, store, port);
  await token(url);
  const first = performance.now() - began;
  if (hasMemory) {
    await compiled(store);
    await sleep(options.size.quietMs);
  }
  const { now: memory, peak } = residentMemory(server.pid);
  await end(server);
  if (!hasMemory) return figuresOf({ rows, serve: first });
  return {
    ...figuresOf({ rows, serve: first }),
    JSON: { ms: 0, peakRss: json, heap: 0 },
    memory: { ms: 0, peakRss: memory, heap: 0 },
    'memory, its peak': { ms: 0, peakRss: peak, heap: 0 },
  };
}

/** From the write of one file: to the event of a watcher of the same files, and to the first token of another generation. */
async function edit({ spec, store, url, port, files }) {
  const { path, text } = files[1];
  const versions = [edited({ path, text }).text, text];
  const watcher = spawn(process.execPath, [SUBJECT, 'watch', spec], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(watcher);
  const lines = createInterface(watcher.stdout)[Symbol.asyncIterator]();
  await lines.next();
  const events = [];
  for (const version of versions) {
    const began = performance.now();
    writeFileSync(join(spec, path), version);
    await lines.next();
    events.push(performance.now() - began);
    await sleep(200);
  }
  await end(watcher);
  const server = serve(spec, store, port);
  let generation = generationOf(await token(url));
  await compiled(store);
  let endPulse = pulse(url);
  await sleep(1000);
  const alone = await endPulse();
  endPulse = pulse(url);
  const reloads = [];
  for (const version of [...versions, ...versions]) {
    const began = performance.now();
    writeFileSync(join(spec, path), version);
    for (let now = generation; now === generation; now = generationOf(await token(url))) await sleep(4);
    reloads.push(performance.now() - began);
    generation = generationOf(await token(url));
    await sleep(200);
  }
  const reloading = await endPulse();
  await end(server);
  return figuresOf({
    ...{ event: median(events), reload: median(reloads) },
    ...{ 'healthz, slowest': Math.max(...alone), 'healthz while reloading, slowest': Math.max(...reloading) },
  });
}

/** Asks for `/healthz` a hundred times a second. What is returned ends it, and answers how long each took: what holds up the event loop shows here. */
function pulse(url) {
  const times = [];
  let isOn = true;
  const asking = (async () => {
    while (isOn) {
      const began = performance.now();
      await (await fetch(`${url}/healthz`)).arrayBuffer();
      times.push(performance.now() - began);
      await sleep(10);
    }
  })();
  return async () => {
    isOn = false;
    await asking;
    return times;
  };
}

function figuresOf(times) {
  return Object.fromEntries(Object.entries(times).map(([figure, ms]) => [figure, { ms, peakRss: 0, heap: 0 }]));
}

async function makeSpec(name, applications) {
  const spec = join(directory, name);
  const port = await freePort();
  const files = specFiles({ applications, files: options.size.files }).map(({ path, text }) => ({
    path,
    text: text
      .replace(/env: \w+_SECRET/g, 'env: BENCH_SECRET')
      .replaceAll('192.168.0.0/16', '127.0.0.0/8')
      .replace('https://id.example.com', `http://localhost:${port}`),
  }));
  for (const { path, text } of files) {
    mkdirSync(dirname(join(spec, path)), { recursive: true });
    writeFileSync(join(spec, path), text);
  }
  // Files are alike: of some, what JSON is shorter by.
  const some = files.filter((_, position) => position % Math.ceil(files.length / 20) === 0);
  const lengthOf = (texts) => texts.reduce((sum, text) => sum + text.length, 0);
  const asJson = some.map(({ text }) =>
    lengthOf(parseAllDocuments(text).map((document) => JSON.stringify(document.toJS()))),
  );
  const shorter = asJson.reduce((sum, length) => sum + length, 0) / lengthOf(some.map(({ text }) => text));
  const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
  const json = bytes * shorter;
  return { spec, store: join(directory, `${name}.db`), port, url: `http://127.0.0.1:${port}`, files, bytes, json };
}

function serve(spec, store, port) {
  const args = [MAIN, 'serve', spec, '--store', store, '--port', String(port)];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  child.once('exit', (code) => {
    if (code !== null && code !== 0) throw new Error(`charter serve ended with ${code}`);
  });
  return child;
}

async function token(url) {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const headers = { authorization: `Basic ${btoa(`${CLIENT}:${SECRET}`)}` };
  for (;;) {
    const response = await fetch(`${url}/token`, { method: 'POST', headers, body }).catch(() => undefined);
    if (response?.status === 200) return (await response.json()).access_token;
    // Listening, and not serving yet.
    if (response !== undefined && response.status !== 503)
      throw new Error(`/token answered ${response.status}: ${await response.text()}`);
    await sleep(20);
  }
}

function generationOf(jwt) {
  return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')).gen;
}

/** Resolves when the spec itself is served. */
async function compiled(store) {
  for (;;) {
    const text = execFileSync(process.execPath, [MAIN, 'status', '--store', store, '--json'], { encoding: 'utf8' });
    if (JSON.parse(text).last_reload?.outcome === 'published') return;
    await sleep(500);
  }
}

/** Bytes that a process holds in memory now, and the most that it held; 0 where the system does not tell. */
function residentMemory(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [now, peak] = ['VmRSS', 'VmHWM'].map((name) => {
      const [, kb] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text) ?? [];
      return Number(kb ?? 0) * 1024;
    });
    return { now, peak };
  } catch {
    return { now: 0, peak: 0 };
  }
}

async function end(child) {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
