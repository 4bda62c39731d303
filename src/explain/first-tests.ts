// Owns what is said of a spec that has no test: how to write one, with what holds in this spec. Never writes a file.

import { indexState } from '../access/access-index.ts';
import { clientsWho } from '../access/reach.ts';
import { type ApplicationAddress, qualifiedName } from '../model/address.ts';
import { entitiesOf, type State } from '../model/state.ts';
import { plainOrQuoted } from '../spec/edit-text.ts';

/** A tests document with assertions that hold in this State, about one application that somebody else reaches. */
export function firstTests(state: State, now: number): string {
  const index = indexState(state);
  for (const [address, { client_id }] of entitiesOf(state, 'application')) {
    const audience = address as ApplicationAddress;
    const ways = clientsWho(index, { audience }, {}, now);
    const way = ways.find(({ client }) => client !== audience);
    if (way === undefined) continue;
    const { client, grant_type, user } = way;
    const who = user === undefined ? '' : `, user: ${qualifiedName(user)}`;
    const asked = `client: ${qualifiedName(client)}, grant_type: ${grant_type}${who}, scope: ${plainOrQuoted(client_id)}`;
    const names = [...new Set(ways.map((one) => qualifiedName(one.client)))].join(', ');
    return documentOf([
      `- { allow: { ${asked} } }`,
      `- { who_can: { audience: ${qualifiedName(audience)} }, exactly: [${names}] }`,
    ]);
  }
  return documentOf([
    '- { allow: { client: CLIENT, scope: SERVER } }',
    '- { who_can: { audience: SERVER }, exactly: [CLIENT] }',
  ]);
}

function documentOf(tests: readonly string[]): string {
  return `tests:\n${tests.map((test) => `  ${test}\n`).join('')}`;
}
