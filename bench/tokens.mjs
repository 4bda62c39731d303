// Owns the benchmark of issuing and introspecting tokens (goals P1, P2, P4, P5): the real `charter serve` over a real store, with its
// default logging, against npm oidc-provider in memory, and against the ceilings of bare.mjs; in turn, in one run, the servers on one
// core and what asks them on another. Never asserts a time.
//
//   node bench/tokens.mjs [--quick] [--rounds N] [--out FILE]

import { askOnce, post, slice, startLoad, warmUp } from './asking.mjs';
import { hasPeers, pinning, SECRET, startCharter, startSubject, WITHOUT_PEERS, withProcesses } from './processes.mjs';
import { measureRounds, readOptions, report } from './report.mjs';
import { authorizedAccess } from './world.mjs';

const options = readOptions({
  whole: { connections: 64, seconds: 2 },
  quick: { connections: 8, seconds: 0.2 },
});

const GOALS = [
  { id: 'P1', figure: 'token, JWT ES256 / npm oidc-provider', of: 'jwt', against: 'peer jwt', goal: 4.5 },
  { id: 'P2 http', figure: 'token, JWT ES256 / constant node:http', of: 'jwt', against: 'constant', goal: 0.3 },
  { id: 'P2 bare', figure: 'token, JWT ES256 / bare batched Fastify + ES256', of: 'jwt', against: 'bare', goal: 0.85 },
  {
    id: 'P4',
    figure: 'token, opaque, durable / npm oidc-provider in memory',
    of: 'opaque',
    against: 'peer opaque',
    goal: 3,
  },
  { id: 'P4 own', figure: 'token, opaque, durable / token, JWT ES256', of: 'opaque', against: 'jwt', goal: 1.15 },
  {
    id: 'P5 jwt',
    figure: 'introspection of a JWT / npm oidc-provider, opaque',
    of: 'seen jwt',
    against: 'peer seen',
    goal: 3,
  },
  {
    id: 'P5 opaque',
    figure: 'introspection, opaque / npm oidc-provider',
    of: 'seen opaque',
    against: 'peer seen',
    goal: 3,
  },
];

await withProcesses(async ({ start, directory }) => {
  const constant = await startSubject(start, 'bare.mjs', ['constant']);
  const bare = await startSubject(start, 'bare.mjs', ['token', SECRET]);
  const charter = await startCharter({ start, directory }, 'charter', authorizedAccess);
  const peer = hasPeers() ? await startSubject(start, 'peer.mjs', [SECRET]) : undefined;
  if (peer === undefined) console.log(WITHOUT_PEERS);

  const scope = 'Server1 Server2';
  const asks = (client_id) => ({ grant_type: 'client_credentials', client_id, client_secret: SECRET, scope });
  const sees = (token) => ({ client_id: 'Server1', client_secret: SECRET, token });
  const tokenOf = async (path, server, fields) => (await askOnce(path, server.port, fields)).access_token;
  const subject = (server, path, fields) => ({ ...server, requests: [post(path, server.port, fields)] });
  const subjects = {
    constant: subject(constant, '/token', asks('Client1')),
    bare: subject(bare, '/token', asks('Client1')),
    jwt: subject(charter, '/token', asks('Client1')),
    opaque: subject(charter, '/token', asks('Client2')),
    'seen jwt': subject(charter, '/introspect', sees(await tokenOf('/token', charter, asks('Client1')))),
    'seen opaque': subject(charter, '/introspect', sees(await tokenOf('/token', charter, asks('Client2')))),
  };
  if (peer !== undefined) {
    const peerAsks = (format) => ({ ...asks('Client1'), resource: `urn:servers:${format}` });
    const token = await tokenOf('/token', peer, peerAsks('opaque'));
    Object.assign(subjects, {
      'peer jwt': subject(peer, '/token', peerAsks('jwt')),
      'peer opaque': subject(peer, '/token', peerAsks('opaque')),
      'peer seen': subject(peer, '/token/introspection', sees(token)),
    });
  }

  const load = startLoad(start);
  const job = options.size;
  console.log(`${job.connections} connections, ${job.seconds} s each; ${options.rounds} rounds; ${pinning}\n`);
  await warmUp(load, Object.values(subjects), job);
  const measured = await measureRounds(options.rounds, Object.entries(subjects), async ([figure, one]) => ({
    [figure]: await slice(load, one, job),
  }));
  const goals = GOALS.filter(({ against }) => measured.has(against));
  report(
    'tokens',
    goals.map((goal) => ({ ...goal, by: 'rate', more: true })),
    measured,
    options,
    0,
  );
});
