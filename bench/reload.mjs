// Owns the benchmark of reloading (goal P13): token requests while the spec is edited every second, against the same server while it is
// left alone, in turn, in one run. The server has all cores: what compiles is a thread of its own. Never asserts a time.
//
//   node bench/reload.mjs [--quick] [--rounds N] [--out FILE]

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askOnce, post, slice, startLoad, warmUp } from './asking.mjs';
import { SECRET, startCharter, withProcesses } from './processes.mjs';
import { measureRounds, readOptions, report } from './report.mjs';
import { manyClients } from './world.mjs';

const options = readOptions({
  whole: { clients: 10_000, connections: 64, seconds: 10 },
  quick: { clients: 200, connections: 8, seconds: 1.5 },
});
const EDIT_EVERY = 1000;

const beside = { of: 'edited', against: 'left alone' };
const GOALS = [
  { id: 'P13 p99', figure: 'p99 of a token with a reload every second / without', ...beside, by: 'p99', goal: 1.5 },
  {
    ...{ id: 'P13 rate', figure: 'tokens a second with a reload every second / without' },
    ...{ ...beside, by: 'rate', more: true, goal: 0.9 },
  },
  // Without reloads the others say nothing.
  {
    ...{ id: 'P13 reloads', figure: 'generations that were served meanwhile / edits' },
    ...{ of: 'edited', against: 'edits', by: 'reloads', more: true, goal: 0.9 },
  },
];

await withProcesses(async (processes) => {
  const { clients, connections, seconds } = options.size;
  const server = await startCharter(processes, 'charter', (port) => manyClients(port, clients), { on: 'any' });
  const asks = (client_id) => ({ grant_type: 'client_credentials', client_id, client_secret: SECRET });
  // Of a site that nobody edits, and of the one that is.
  const requests = [`c${clients - 1}`, 'c0'].map((id) => post('/token', server.port, asks(id)));
  const generation = async () => {
    const { access_token } = await askOnce('/token', server.port, asks('c0'));
    return JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString()).gen;
  };
  const file = join(server.spec, 'Team0.yaml');
  let edits = 0;
  const edit = () => {
    const document = JSON.parse(readFileSync(file, 'utf8'));
    edits += 1;
    document.applications.c0.tokens = { access_ttl: `${10 + (edits % 40)}m` };
    writeFileSync(file, JSON.stringify(document));
  };

  /** Waits until what was edited last is served: no generation follows another any more. */
  const settle = async () => {
    for (let last = -1, now = await generation(); now !== last; now = await generation()) {
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 3 * EDIT_EVERY));
    }
  };

  const load = startLoad(processes.start);
  console.log(
    `${clients.toLocaleString('en')} clients; ${connections} connections, ${seconds} s each; ${options.rounds} rounds\n`,
  );
  await warmUp(load, [{ ...server, requests }], options.size);
  const measured = await measureRounds(options.rounds, ['left alone', 'edited'], async (figure) => {
    const before = await generation();
    const editsBefore = edits;
    const editing = figure === 'edited' ? setInterval(edit, EDIT_EVERY) : undefined;
    if (editing !== undefined) edit();
    const one = await slice(load, { ...server, requests }, { connections, seconds });
    clearInterval(editing);
    const reloads = (await generation()) - before;
    const made = edits - editsBefore;
    if (editing !== undefined) await settle();
    const told = { rate: one.rate, p99: one.p99, p50: one.p50, cpu: one.cpu, reloads };
    return editing === undefined ? { [figure]: told } : { [figure]: told, edits: { reloads: made } };
  });
  report('reload', GOALS, measured, options, 0);
});
