// Owns which links of a State no test of access would miss: each is taken away, and the tests that could notice it are run.
// Never judges a test itself, and never looks at what a link means.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import type { Step } from '../access/decision.ts';
import type { AccessTest } from '../model/access-test.ts';
import type { Address, ApplicationAddress } from '../model/address.ts';
import { entitiesOf, type State } from '../model/state.ts';
import { judgeTest } from '../plan/run-tests.ts';
import { clientFootprint, footprintOf, usersOfLink } from './footprint.ts';
import { linksOf, withoutItem } from './spec-links.ts';

export interface Coverage {
  /** How many links there are, and without how many of them a test fails. */
  readonly links: number;
  readonly covered: number;
  /** Those without which every test passes that passes with them. */
  readonly uncovered: readonly Step[];
}

/** Of tests that pass: one that fails already misses nothing. `now` in milliseconds since the epoch. */
export function coverageOf(state: State, tests: readonly AccessTest[], now: number): Coverage {
  const index = indexState(state);
  const watching = watchesOf(index, tests, now);
  // One State for all: each link is taken out of it, and put back.
  const less = new Map(state);
  const links = linksOf(state, now);
  const uncovered = links.filter((link) => {
    const { address, pointer } = link.at;
    const entity = state.get(address);
    if (entity === undefined) return false;
    less.set(address, withoutItem(entity, pointer));
    const without = index.next(less, [address]);
    const concerned = { clients: watching.clients(address), users: usersOfLink(link, index) };
    const isMissed = watching
      .tests(address)
      .some(({ assertion }) => judgeTest(assertion, without, now, concerned).length > 0);
    less.set(address, entity);
    return !isMissed;
  });
  return { links: links.length, covered: links.length - uncovered.length, uncovered };
}

interface Watching {
  /** The tests that look at an entity, those of one request first: they cost least. */
  tests(address: Address): readonly AccessTest[];
  /** The clients whose access can rest on links of an entity. */
  clients(address: Address): ReadonlySet<ApplicationAddress>;
}

function watchesOf(index: AccessIndex, tests: readonly AccessTest[], now: number): Watching {
  const passing = tests.filter(({ assertion }) => judgeTest(assertion, index, now).length === 0);
  const isOfOne = ({ assertion }: AccessTest) => 'request' in assertion;
  const watched = new Map<Address, AccessTest[]>();
  const everywhere: AccessTest[] = [];
  for (const test of [...passing.filter(isOfOne), ...passing.filter((test) => !isOfOne(test))]) {
    const footprint = footprintOf(test.assertion, index);
    if (footprint === undefined) everywhere.push(test);
    for (const address of footprint ?? []) {
      const known = watched.get(address);
      if (known === undefined) watched.set(address, [test]);
      else known.push(test);
    }
  }
  const clients = everywhere.length === 0 ? new Map() : clientsAt(index);
  return {
    tests: (address) => [...(watched.get(address) ?? []), ...everywhere],
    clients: (address) => clients.get(address) ?? new Set(),
  };
}

/** By entity: the clients whose access can rest on its links. */
function clientsAt(index: AccessIndex): ReadonlyMap<Address, ReadonlySet<ApplicationAddress>> {
  const clients = new Map<Address, Set<ApplicationAddress>>();
  for (const [address] of entitiesOf(index.state, 'application')) {
    const client = address as ApplicationAddress;
    for (const at of clientFootprint(client, index)) {
      const known = clients.get(at);
      if (known === undefined) clients.set(at, new Set([client]));
      else known.add(client);
    }
  }
  return clients;
}
