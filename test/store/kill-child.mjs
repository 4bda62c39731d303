// Owns the process that kill.test.ts kills: it applies two large States in turn, for ever, and tells each generation
// once it is durable. Runs the built program, as Node 20 loads no TypeScript.

import { writeSync } from 'node:fs';
import { digestState } from '../../dist/model/digest.js';
import { createState, EMPTY_STATE } from '../../dist/model/state.js';
import { diffStates } from '../../dist/plan/diff.js';
import { openSqliteStore } from '../../dist/store/sqlite.js';

const ENTITIES = 2000;

/** About 4 MB: twice what the writing connection keeps in memory, so that it reaches the log before the commit. */
function largeState(letter) {
  const entities = [['server', { kind: 'server', issuer: 'https://issuer.example' }]];
  for (let index = 0; index < ENTITIES; index++) {
    const client_id = `client-${index}`;
    const metadata = { client_name: letter.repeat(2000), grant_types: ['client_credentials'] };
    entities.push([`application:Large/${client_id}`, { kind: 'application', client_id, metadata }]);
  }
  // Some come and go, so that it is not all updates.
  for (let index = 0; index < 100; index++) {
    entities.push([`user:Large/${letter}${index}`, { kind: 'user', sub: `${letter}-${index}` }]);
  }
  return createState(entities);
}

const states = { odd: largeState('A'), even: largeState('B') };
const digests = { odd: digestState(states.odd), even: digestState(states.even) };
const tell = (event) => writeSync(1, `${JSON.stringify(event)}\n`);

const store = await openSqliteStore(process.argv[2]);
const [newest] = await store.revisions(1);
let { generation, digest } = newest ?? { generation: 0, digest: digestState(EMPTY_STATE) };
// Made beforehand: what is to be killed is the store's work.
const changes = {
  first: generation === 0 ? diffStates(EMPTY_STATE, states.odd) : [],
  odd: diffStates(states.even, states.odd),
  even: diffStates(states.odd, states.even),
};
tell({ ...digests, generation });
for (;;) {
  const to = generation % 2 === 0 ? 'odd' : 'even';
  const revision = await store.apply({
    plan: {
      base: { kind: 'store', generation, digest },
      changes: changes[generation === 0 ? 'first' : to],
      access: [],
      released: [],
      permissions: [],
      unchanged: 0,
      resultDigest: digests[to],
    },
    origins: new Map(),
    verifiers: [],
    appliedAt: generation,
  });
  ({ generation, digest } = revision);
  tell({ generation });
}
