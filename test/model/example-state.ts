// Owns the two examples of SEMANTICS 2.7 as States, and edits of them. Written by hand, so that tests of the core do
// not rest on the compiler.

import {
  type Address,
  type ApplicationAddress,
  applicationAddress,
  groupAddress,
  kindOf,
  methodAddress,
  type PolicyAddress,
  policyAddress,
  siteAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { Entity, EntityOfKind, PolicyEntity } from '../../src/model/entity.ts';
import { GRANT_TYPES } from '../../src/model/grant-type.ts';
import type { Origin, Origins } from '../../src/model/origin.ts';
import { createState, entityAt, type State } from '../../src/model/state.ts';

export const METHOD = 'client.credentials.1';

export const CLIENT1 = applicationAddress('Example', 'Client1');
export const SERVER1 = applicationAddress('Example', 'Server1');
export const SERVER2 = applicationAddress('Example', 'Server2');
export const USER1 = userAddress('Example', 'User1');
export const CLIENT_GROUP = groupAddress('Example', 'ClientGroup');
export const GROUP1 = groupAddress('Example', 'Group1');
export const GROUP2 = groupAddress('Example', 'Group2');
export const SITE = siteAddress('Example');
export const METHOD1 = methodAddress(METHOD);

const base: readonly (readonly [Address, Entity])[] = [
  ['server', { kind: 'server', issuer: 'https://localhost:8443/uas', profiles: ['ubisecure'] }],
  [METHOD1, { kind: 'method', type: 'client_credentials' }],
  ['method:password.1', { kind: 'method', type: 'password' }],
  ['scope:WS', { kind: 'scope', descriptions: [{ key: 'en', value: 'Manage the service' }] }],
  [SITE, { kind: 'site', methods: [METHOD] }],
];

/** Ex-1: a single application. */
export const EX1: State = createState([
  ...base,
  [
    CLIENT1,
    {
      kind: 'application',
      client_id: 'Client1',
      secret: { env: 'CLIENT1_SECRET' },
      methods: [METHOD],
      allowed_to: [{ to: GROUP1 }],
      metadata: { grant_types: ['client_credentials'] },
    },
  ],
  [GROUP1, { kind: 'group', methods: [METHOD] }],
]);

function serverApplication(name: string, group: typeof GROUP1): Entity {
  return {
    kind: 'application',
    client_id: name,
    secret: { env: `${name.toUpperCase()}_SECRET` },
    methods: [METHOD],
    allowed_to: [{ to: group }],
    metadata: { grant_types: [] },
  };
}

/** Ex-2: authorized access, through three groups. */
export const EX2: State = createState([
  ...base,
  [
    CLIENT1,
    {
      kind: 'application',
      client_id: 'Client1',
      secret: { env: 'CLIENT1_SECRET' },
      methods: [METHOD],
      allowed_to: [{ to: CLIENT_GROUP }],
      metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2' },
    },
  ],
  [SERVER1, serverApplication('Server1', GROUP1)],
  [SERVER2, serverApplication('Server2', GROUP2)],
  [CLIENT_GROUP, { kind: 'group', members: [{ to: USER1 }] }],
  [GROUP1, { kind: 'group', methods: [METHOD], members: [{ to: USER1 }] }],
  [GROUP2, { kind: 'group', methods: [METHOD], members: [{ to: USER1 }] }],
  [USER1, { kind: 'user', sub: 'Example/User1', methods: [METHOD], impersonated_by: [{ to: CLIENT1 }] }],
]);

/** The method by which users of EX3 log in. */
export const LOGIN = 'password.1';
export const POLICY = policyAddress('Example', 'P');

/** Ex-2 in which User1 may also log in, by a password: every grant, and each group and application lists both methods. */
export const EX3: State = [SERVER1, SERVER2, GROUP1, GROUP2, USER1, SITE].reduce(
  (state, address) => edited(state, kindOf(address) as 'application', address, { methods: [METHOD, LOGIN] }),
  edited(EX2, 'application', CLIENT1, {
    methods: [METHOD, LOGIN],
    metadata: { grant_types: GRANT_TYPES, scope: 'Server1 Server2 WS' },
  }),
);

/** The State in which an application has a policy. */
export function withPolicy(
  state: State,
  address: ApplicationAddress,
  policy: Omit<PolicyEntity, 'kind'>,
  at: PolicyAddress = POLICY,
): State {
  return createState([...edited(state, 'application', address, { policy: at }), [at, { kind: 'policy', ...policy }]]);
}

/** The State with one entity replaced by what `edit` makes of it; a member set to undefined is removed. */
export function edited<K extends Entity['kind']>(
  state: State,
  kind: K,
  address: Address,
  edit: { readonly [key in keyof EntityOfKind<K>]?: EntityOfKind<K>[key] | undefined },
): State {
  const entity = entityAt(state, kind, address);
  if (entity === undefined) throw new Error(`the State has no ${address}`);
  const members = Object.entries({ ...entity, ...edit }).filter(([, value]) => value !== undefined);
  return createState(new Map(state).set(address, Object.fromEntries(members) as unknown as Entity));
}

/** The State with entities added. */
export function added(state: State, entities: readonly (readonly [Address, Entity])[]): State {
  return createState([...state, ...entities]);
}

/** The State without an entity; links to it stay (the compiler would refuse them, the core must not fall over them). */
export function without(state: State, ...addresses: readonly Address[]): State {
  return createState([...state].filter(([address]) => !addresses.includes(address)));
}

/** Origins that put each entity into a file of its kind, one line for each, and each pointer at a column of its own. */
export function originsOf(state: State): Origins {
  const lines = new Map<string, number>();
  const origins = new Map<Address, Origin>();
  for (const [address, { kind }] of state) {
    const line = (lines.get(kind) ?? 0) + 1;
    lines.set(kind, line);
    origins.set(address, (asked) => {
      // A scope is written as one text.
      const pointer = asked.replace(/^(\/metadata\/scope)\/\d+$/, '$1');
      const column = pointer === '' ? 1 : 3 + pointer.length;
      return {
        file: `${kind}s.yaml`,
        start: { line, column, offset: 100 * line + column },
        end: { line, column: column + 1, offset: 100 * line + column + 1 },
      };
    });
  }
  return origins;
}
