// Owns the benchmark of logins (goal P7): the authorization code flow with login and consent from end to end, of `charter serve` over a
// real store against npm oidc-provider in memory, with a new browser for each. Passwords are hashed on neither side: Charter compares
// what the process resolved itself, and the peer takes any. Never asserts a time.
//
//   node bench/logins.mjs [--quick] [--rounds N] [--out FILE]

import { slice, startLoad } from './asking.mjs';
import { hasPeers, pinning, SECRET, startCharter, startSubject, WITHOUT_PEERS, withProcesses } from './processes.mjs';
import { measureRounds, readOptions, report } from './report.mjs';
import { REDIRECT_URI, webApplication } from './world.mjs';

const options = readOptions({ whole: { browsers: 16, seconds: 3 }, quick: { browsers: 4, seconds: 0.3 } });

const GOALS = [
  {
    id: 'P7',
    figure: 'flows with login and consent / npm oidc-provider',
    of: 'charter',
    against: 'peer',
    by: 'rate',
    more: true,
    goal: 5,
  },
];

await withProcesses(async (processes) => {
  const client = { client_id: 'Web', client_secret: SECRET, redirect_uri: REDIRECT_URI, scope: 'openid' };
  const charter = await startCharter(processes, 'charter', webApplication);
  const person = { username: 'ada', password: SECRET, decision: 'allow' };
  const subjects = { charter: { ...charter, authorize: '/authorize', token: '/token', person, client } };
  if (hasPeers()) {
    const peer = await startSubject(processes.start, 'peer.mjs', [SECRET]);
    subjects.peer = {
      ...peer,
      authorize: '/auth',
      token: '/token',
      person: { login: 'ada', password: SECRET },
      client,
    };
  } else {
    console.log(WITHOUT_PEERS);
  }
  const load = startLoad(processes.start, 'journeys.mjs');
  const { browsers, seconds } = options.size;
  console.log(`${browsers} browsers, ${seconds} s each; ${options.rounds} rounds; ${pinning}\n`);
  const warm = { browsers, seconds: 60, count: seconds < 1 ? 20 : 1500 };
  for (const one of Object.values(subjects)) await slice(load, one, warm);
  const measured = await measureRounds(options.rounds, Object.entries(subjects), async ([figure, one]) => ({
    [figure]: await slice(load, one, options.size),
  }));
  report(
    'logins',
    GOALS.filter(({ against }) => measured.has(against)),
    measured,
    options,
    0,
  );
});
