// Owns the benchmark of latency (goal P3): how long the slowest hundredth of token requests takes at 70 % of the load at which a server
// is full, of `charter serve` against the ceiling of bare.mjs; each at its own 70 %, in turn, in one run. Never asserts a time.
//
//   node bench/latency.mjs [--quick] [--rounds N] [--out FILE]

import { post, slice, startLoad, warmUp } from './asking.mjs';
import { pinning, SECRET, startCharter, startSubject, withProcesses } from './processes.mjs';
import { measureRounds, readOptions, report } from './report.mjs';
import { authorizedAccess } from './world.mjs';

const options = readOptions({
  whole: { connections: 64, seconds: 4 },
  quick: { connections: 8, seconds: 0.3 },
});
const SHARE = 0.7;

const GOALS = [
  { id: 'P3', figure: 'p99 of a token at 70 % of peak / bare', of: 'jwt', against: 'bare', by: 'p99', goal: 1.5 },
];

await withProcesses(async (processes) => {
  const fields = {
    grant_type: 'client_credentials',
    client_id: 'Client1',
    client_secret: SECRET,
    scope: 'Server1 Server2',
  };
  const subject = (server) => ({ ...server, requests: [post('/token', server.port, fields)] });
  const subjects = {
    bare: subject(await startSubject(processes.start, 'bare.mjs', ['token', SECRET])),
    jwt: subject(await startCharter(processes, 'charter', authorizedAccess)),
  };
  const load = startLoad(processes.start);
  const { connections, seconds } = options.size;
  console.log(`${connections} connections, ${seconds} s each; ${options.rounds} rounds; ${pinning}\n`);
  await warmUp(load, Object.values(subjects), options.size);
  const measured = await measureRounds(options.rounds, Object.entries(subjects), async ([figure, one]) => {
    const peak = await slice(load, one, { connections, seconds: seconds / 4 });
    const { rate, p50, p99, cpu } = await slice(load, one, { connections, seconds, rate: SHARE * peak.rate });
    return { [figure]: { p99, p50, rate, cpu } };
  });
  report('latency', GOALS, measured, options, 0);
});
