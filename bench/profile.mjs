// Owns where the CPU of a token request goes (goal P1): the real process under Node's own profiler, and the time of its functions
// summed up by what they are of. Never compares.
//
//   node bench/profile.mjs [--seconds N] [--of jwt|opaque|seen-jwt|seen-opaque|bare] [--clients N] [--functions N] [--flame FILE.svg]
//
// With `--clients` tokens of so many clients are asked for in turn, each of the first thousand of them.

import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askOnce, post, slice, startLoad, warmUp } from './asking.mjs';
import { flameGraph } from './flame.mjs';
import { SECRET, startCharter, startSubject, withProcesses } from './processes.mjs';
import { authorizedAccess, manyClients } from './world.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    of: { type: 'string', default: 'jwt' },
    functions: { type: 'string', default: '0' },
    clients: { type: 'string' },
    flame: { type: 'string' },
  },
});
const seconds = Number(values.seconds);

/** What a function is of, by the file that it is in. */
const GROUPS = [
  ['signing', /^node:internal\/crypto\/sig|\/dist\/oauth\/keys\.js|\/dist\/http\/batched-signer\.js/],
  ['HTTP', /^node:(_http|_tls|net$|http$|internal\/(http|stream|net))/],
  ['Fastify', /\/node_modules\/(fastify|find-my-way|light-my-request|avvio|@fastify)\//],
  ['log', /\/node_modules\/(pino|sonic-boom)\/|\/dist\/http\/event-log\.js/],
  ['store', /\/dist\/store\//],
  ['access', /\/dist\/access\//],
  ['the token request (oauth, http)', /\/dist\/(oauth|http|model)\//],
  ['watching and following', /\/dist\/(reconcile|cli)\/|\/node_modules\/(chokidar|readdirp)\//],
];

await withProcesses(async ({ start, directory }) => {
  const kept = join(directory, 'profiles');
  mkdirSync(kept);
  const node = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', kept];
  const count = Number(values.clients);
  const world = values.clients === undefined ? authorizedAccess : (port) => manyClients(port, count);
  const charter =
    values.of === 'bare'
      ? await startSubject(start, 'bare.mjs', ['token', SECRET], { node })
      : await startCharter({ start, directory }, 'charter', world, { node, bundled: false });
  const load = startLoad(start);
  const asks = (client_id) => ({
    ...{ grant_type: 'client_credentials', scope: 'Server1 Server2' },
    ...{ client_id, client_secret: SECRET },
  });
  const sees = async (client_id) => {
    const { access_token } = await askOnce('/token', charter.port, asks(client_id));
    return { client_id: 'Server1', client_secret: SECRET, token: access_token };
  };
  const subjects = {
    bare: async () => ['/token', asks('Client1')],
    jwt: async () => ['/token', asks('Client1')],
    opaque: async () => ['/token', asks('Client2')],
    'seen-jwt': async () => ['/introspect', await sees('Client1')],
    'seen-opaque': async () => ['/introspect', await sees('Client2')],
  };
  const many = Array.from({ length: Math.min(count, 1000) }, (_, at) => ['/token', { ...asks(`c${at}`), scope: '' }]);
  const asked = values.clients === undefined ? [await subjects[values.of]()] : many;
  const subject = { ...charter, requests: asked.map(([path, fields]) => post(path, charter.port, fields)) };
  await warmUp(load, [subject], { connections: 64, seconds });
  // Both the profiler and this are of the system's monotonic clock, in microseconds.
  const from = Number(process.hrtime.bigint() / 1000n);
  const { rate, cpu } = await slice(load, subject, { connections: 64, seconds });
  const to = Number(process.hrtime.bigint() / 1000n);
  const exited = once(charter.child, 'exit');
  charter.child.kill('SIGTERM');
  await exited;
  const [file] = readdirSync(kept).sort(
    (a, b) => readFileSync(join(kept, b)).length - readFileSync(join(kept, a)).length,
  );
  const profile = JSON.parse(readFileSync(join(kept, file), 'utf8'));
  const times = timesOf(profile, from, to);
  const total = [...times.values()].reduce((sum, { time }) => sum + time, 0);
  const share = (time) => `${((100 * time) / total).toFixed(1)} %`;
  const each = (time) => (time / (rate * seconds)).toFixed(1);
  console.log(
    `${values.of}: ${Math.round(rate)} a second, ${cpu?.toFixed(1)} µs of CPU each, ` +
      `${each(total)} of them in the thread that serves, under the profiler\n`,
  );
  const groups = new Map();
  for (const { time, group } of times.values()) groups.set(group, (groups.get(group) ?? 0) + time);
  // By the clock: on a machine that does other things beside, more than the CPU that it took.
  console.log('| of | share | µs of each |\n|---|---|---|');
  const byShare = [...groups].sort(([, a], [, b]) => b - a);
  for (const [group, time] of byShare) console.log(`| ${group} | ${share(time)} | ${each(time)} |`);
  const sorted = [...times].sort(([, a], [, b]) => b.time - a.time).slice(0, Number(values.functions));
  if (sorted.length > 0) console.log('');
  for (const [name, { time }] of sorted) console.log(`${each(time).padStart(6)} µs  ${name}`);
  if (values.flame !== undefined) {
    const groups = byShare.map(([group]) => group);
    writeFileSync(values.flame, flameGraph(treeOf(profile, from, to), groups, `CPU of a request: ${values.of}`));
  }
});

/** Microseconds of each node of a profile by itself, of what was sampled between two instants. */
function selfTimesOf({ samples, timeDeltas, startTime }, from, to) {
  const times = new Map();
  let at = startTime;
  for (const [position, id] of samples.entries()) {
    at += timeDeltas[position];
    // What a sample tells is what ran until the next one.
    if (at >= from && at <= to) times.set(id, (times.get(id) ?? 0) + (timeDeltas[position + 1] ?? 0));
  }
  return times;
}

/** Microseconds by function. */
function timesOf(profile, from, to) {
  const places = placesOf(profile.nodes);
  const times = new Map();
  for (const [id, time] of selfTimesOf(profile, from, to)) {
    const { name, group } = places.get(id);
    if (group === undefined) continue;
    const known = times.get(`${group}: ${name}`) ?? { time: 0, group };
    known.time += time;
    times.set(`${group}: ${name}`, known);
  }
  return times;
}

/** The same as a tree of calls, as flameGraph takes it. */
function treeOf(profile, from, to) {
  const places = placesOf(profile.nodes);
  const times = selfTimesOf(profile, from, to);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const treeFrom = ({ id, callFrame, children = [] }) => {
    const { group = '' } = places.get(id);
    return {
      name: callFrame.functionName || '(anonymous)',
      group,
      self: group === '' ? 0 : (times.get(id) ?? 0),
      children: children.map((child) => treeFrom(byId.get(child))),
    };
  };
  return treeFrom(profile.nodes[0]);
}

/** By the id of a node: its function, and what it is of. What is of nothing itself, as the code of buffers, is of who called it. */
function placesOf(nodes) {
  const places = new Map();
  const walk = (node, above) => {
    const { functionName, url, lineNumber } = node.callFrame;
    const group = functionName === '(idle)' ? undefined : (groupOf(node.callFrame) ?? above);
    const file = url.replace(/^.*\/(dist|node_modules)\//, '');
    places.set(node.id, { name: `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`, group });
    for (const child of node.children ?? []) walk(byId.get(child), group ?? above);
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  walk(nodes[0], 'the rest of Node');
  return places;
}

function groupOf({ functionName, url }) {
  if (functionName === '(garbage collector)') return 'garbage collection';
  // What nobody called: the loop itself, which reads from sockets and parses HTTP.
  if (functionName === '(program)') return 'HTTP';
  return GROUPS.find(([, pattern]) => pattern.test(url))?.[0];
}
