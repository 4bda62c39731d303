// Owns random States that a spec can declare: those of test/model without what no spec compiles with. Never loses what
// stands in the way of access: ends, disabled entities, methods and rules stay.

import type fc from 'fast-check';
import { type Address, kindOf, NAME_PATTERN, nameOf, scopeAddress } from '../../src/model/address.ts';
import type { ApplicationEntity, ClientMetadata, Entity, PolicyEntity, UserEntity } from '../../src/model/entity.ts';
import { RESERVED_CLAIMS } from '../../src/model/policy-value.ts';
import { scopeValues } from '../../src/model/settings.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { states } from '../model/state-arbitrary.ts';

export const declaredStates: fc.Arbitrary<State> = states.map(declarable);

/** `a` of each site is a client, everything else is reached. */
function isClient(address: Address): boolean {
  return nameOf(address) === 'a';
}

function declarable(state: State): State {
  const servers = new Set(
    [...entitiesOf(state, 'application')].flatMap(([address, { client_id }]) => (isClient(address) ? [] : [client_id])),
  );
  const isKnown = (value: string) => servers.has(value) || value === 'openid' || state.has(scopeAddress(value));
  const reaches = ({ metadata }: ApplicationEntity) =>
    (metadata?.aud ?? scopeValues(metadata?.scope)).some((value) => servers.has(value));
  const mayAct = (address: Address) => {
    const application = state.get(address);
    return application?.kind === 'application' && isClient(address) && reaches(application);
  };
  return createState(
    [...state].map(([address, entity]): readonly [Address, Entity] => {
      switch (entity.kind) {
        case 'group': {
          // Upwards only: a circle is no spec.
          const members = entity.members?.filter(({ to }) => kindOf(to) !== 'group' || to < address);
          return [address, withWritten({ ...entity, members })];
        }
        case 'policy':
          return [address, declaredPolicy(entity)];
        case 'user':
          return [address, declaredUser(entity, mayAct)];
        case 'application':
          return [address, declaredApplication(entity, isClient(address), isKnown)];
        default:
          return [address, entity];
      }
    }),
  );
}

function declaredUser(user: UserEntity, mayAct: (address: Address) => boolean): UserEntity {
  const attributes = Object.entries(user.attributes ?? {}).filter(([name]) => NAME_PATTERN.test(name));
  // Dates that leave no day are no spec either.
  const { not_before, ...rest } = user;
  const isEver = not_before === undefined || user.expires === undefined || not_before < user.expires;
  return withWritten({
    ...(isEver ? user : rest),
    attributes: attributes.length === 0 ? undefined : Object.fromEntries(attributes),
    impersonated_by: user.impersonated_by?.filter(({ to }) => mayAct(to)),
  }) as UserEntity;
}

function declaredPolicy({ items = [], required = [], single_value = [] }: PolicyEntity): PolicyEntity {
  const given = items
    .filter(({ name }) => !RESERVED_CLAIMS.includes(name))
    .map(({ scopes, ...item }) =>
      scopes === undefined || scopes.length === 0 ? item : { ...item, scopes: ['openid'] },
    );
  const kept = distinct([...given, ...(given.length > 0 ? [] : [{ name: 'via', value: 'text:x' }])]);
  const isGiven = (name: string) => kept.some((item) => item.name === name);
  return withWritten({
    kind: 'policy',
    items: kept,
    required: required.filter(isGiven),
    single_value: single_value.filter(isGiven),
  });
}

function declaredApplication(
  { secrets: _, ...application }: ApplicationEntity,
  client: boolean,
  isKnown: (value: string) => boolean,
): ApplicationEntity {
  const { scope, aud, grant_types = [] } = application.metadata ?? {};
  const own = client ? grant_types : [];
  const grants = own.includes('client_credentials') ? ['client_credentials'] : own;
  const metadata: ClientMetadata = withWritten({
    grant_types: grants,
    scope: scope === undefined ? undefined : scopeValues(scope).filter(isKnown).join(' '),
    aud: aud?.filter(isKnown),
    redirect_uris: grants.some((grant) => grant === 'implicit' || grant === 'authorization_code')
      ? [{ uri: 'https://app.example/cb' }]
      : undefined,
  });
  const rules = application.access_rules;
  const access_rules = rules && ('all' in rules ? { all: distinct(rules.all) } : { any: distinct(rules.any) });
  return withWritten({ ...application, access_rules, secret: { env: 'SECRET' }, metadata }) as ApplicationEntity;
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** Without the members that are undefined, and without lists that hold nothing. */
function withWritten<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const written = Object.entries(members).filter(
    ([key, value]) => value !== undefined && (key === 'aud' || !Array.isArray(value) || value.length > 0),
  );
  return Object.fromEntries(written) as never;
}
