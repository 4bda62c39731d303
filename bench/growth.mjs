// Owns the benchmark of growth (goal P16): what a token costs the server as clients grow from ten to very many, and as the groups grow
// that its user is in; each spec served by a process of its own, in turn, in one run. Never asserts a time.
//
//   node bench/growth.mjs [--quick] [--rounds N] [--out FILE]

import { post, slice, startLoad, untilIdle, warmUp } from './asking.mjs';
import { pinning, pinToServer, SECRET, startCharter, withProcesses } from './processes.mjs';
import { measureRounds, readOptions, report } from './report.mjs';
import { manyClients, manyGroups } from './world.mjs';

const options = readOptions({
  whole: { clients: 100_000, groups: 3000, connections: 64, seconds: 2 },
  quick: { clients: 200, groups: 30, connections: 8, seconds: 0.2 },
});
/** Of how many clients tokens are asked for in turn, spread over all of them. */
const ASKING = 1000;

const { clients, groups, ...job } = options.size;
/** What a token costs is the time of one: fewer a second, dearer. */
const GOALS = [
  {
    id: 'P16 clients',
    figure: `a token among ${clients} clients / among 10`,
    of: '10 clients',
    against: 'many clients',
  },
  { id: 'P16 groups', figure: `a token of a user in ${groups} groups / in 3`, of: '3 groups', against: 'many groups' },
];

await withProcesses(async (processes) => {
  const served = async (name, documents, client_ids) => {
    // Compiling may take all cores while nobody asks.
    const server = await startCharter(processes, name, documents, { on: 'any' });
    // What a start leaves for later, as the verifiers that are stored, is no part of a token.
    await untilIdle(server.pid);
    pinToServer(server.pid);
    console.log(`${name}: ready after ${(server.started / 1000).toFixed(1)} s`);
    const asks = (client_id) => ({ grant_type: 'client_credentials', client_id, client_secret: SECRET });
    return { ...server, requests: client_ids.map((client_id) => post('/token', server.port, asks(client_id))) };
  };
  const some = (count) =>
    Array.from(
      { length: Math.min(count, ASKING) },
      (_, at) => `c${Math.floor((at * count) / Math.min(count, ASKING))}`,
    );
  const subjects = {
    'many clients': await served('many', (port) => manyClients(port, clients), some(clients)),
    '10 clients': await served('few', (port) => manyClients(port, 10), some(10)),
    'many groups': await served('deep', (port) => manyGroups(port, groups), ['Client1']),
    '3 groups': await served('flat', (port) => manyGroups(port, 3), ['Client1']),
  };
  const load = startLoad(processes.start);
  console.log(`${job.connections} connections, ${job.seconds} s each; ${options.rounds} rounds; ${pinning}\n`);
  await warmUp(load, Object.values(subjects), job);
  const measured = await measureRounds(options.rounds, Object.entries(subjects), async ([figure, one]) => {
    return { [figure]: await slice(load, one, job) };
  });
  report(
    'growth',
    GOALS.map((goal) => ({ ...goal, by: 'rate', goal: 1.2 })),
    measured,
    options,
    0,
  );
});
