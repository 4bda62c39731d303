// Owns random States for the laws: several sites, methods, nested groups (cycles too), users and impersonations, dense
// enough that access is often given, and always with every reference resolved. Built on src/model alone.

import fc from 'fast-check';
import {
  type Address,
  type ApplicationAddress,
  applicationAddress,
  everyoneOf,
  type GroupAddress,
  groupAddress,
  isEveryone,
  methodAddress,
  type PolicyAddress,
  policyAddress,
  siteAddress,
  type UserAddress,
  userAddress,
} from '../../src/model/address.ts';
import type {
  AccessRule,
  AccessRules,
  ApplicationEntity,
  Entity,
  GroupEntity,
  Link,
  MethodType,
  PolicyEntity,
  PolicyItem,
  UserEntity,
} from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';

/** The instant that random users' dates lie around, in milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 5, 15);

const SITES = ['East', 'West'] as const;
const METHODS = ['cc.1', 'cc.2', 'password.1', 'password.2'] as const;
const APPLICATIONS = SITES.flatMap((site) => ['a', 'b', 'c'].map((name) => applicationAddress(site, name)));
const GROUPS = SITES.flatMap((site) => ['g', 'h', 'i'].map((name) => groupAddress(site, name)));
const EVERYONES = SITES.map(everyoneOf);
const POLICIES = SITES.flatMap((site) => ['p', 'q'].map((name) => policyAddress(site, name)));
const USERS = SITES.flatMap((site) => ['u', 'v'].map((name) => userAddress(site, name)));

/** True four times out of five: what stands in the way of access is rare, or nothing would ever be granted. */
const mostly = fc.integer({ min: 0, max: 4 }).map((value) => value > 0);
const seldom = mostly.map((value) => !value);

/** The value, or nothing: a member that is not written. */
function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

const methodLists = fc.oneof(
  { weight: 4, arbitrary: fc.constant(['cc.1', 'password.1']) },
  { weight: 2, arbitrary: fc.constant(['cc.1', 'cc.2', 'password.1']) },
  { weight: 1, arbitrary: fc.shuffledSubarray([...METHODS]) },
);

/** Seldom an end: passed, passing at NOW, a second later, a day later, a fortnight later. */
const ends = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  fc.constantFrom('2026-06-14', '2026-06-15', '2026-06-15T00:00:01Z', '2026-06-16', '2026-06-28T12:30:00.5+02:00'),
);

/** Links to some of the addresses, in their order. */
function linksTo<To extends Address>(all: readonly To[]): fc.Arbitrary<readonly Link<To>[]> {
  return fc
    .tuple(fc.subarray([...all]), fc.tuple(...all.map(() => ends)))
    .map(([some, expires]) => some.map((to, position) => clean({ to, expires: expires[position] })));
}

interface DraftApplication {
  readonly client_id: 'own' | 'name' | 'shared';
  readonly enabled: boolean | undefined;
  readonly expires: string | undefined;
  readonly secret: ApplicationEntity['secret'];
  readonly secrets: ApplicationEntity['secrets'];
  readonly methods: readonly string[] | undefined;
  readonly allowed_to: readonly Link<GroupAddress>[];
  readonly access_rules: AccessRules | undefined;
  readonly policy: PolicyAddress | undefined;
  readonly client_ip_range: readonly string[] | undefined;
  readonly bind_token_ip: boolean | undefined;
  readonly grant: boolean;
  readonly userGrants: readonly string[];
  readonly public: boolean;
  readonly asks: readonly ApplicationAddress[];
  readonly extra: readonly string[];
  readonly by: 'scope' | 'aud';
  readonly audience_mode: ApplicationEntity['audience_mode'];
  readonly access_ttl: string | undefined;
  readonly restricted: boolean | undefined;
  readonly protected: boolean | undefined;
}

const SECRETS = [
  { env: 'A_SECRET' },
  { file: 'secrets/a' },
  { hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$SENSITIVE' },
] as const;

/** An expression of the replaced system. */
const bare = (inside: string) => `\${${inside}}`;

/** As somebody writes them; what they refer to may be missing. */
const rules: fc.Arbitrary<readonly AccessRule[]> = fc.array(
  fc.oneof(
    fc.constantFrom('password.1', 'password.1', 'password.2').map((method) => ({ method })),
    fc.constantFrom(...EVERYONES, ...GROUPS).map((group) => ({ group })),
    fc.constantFrom(['10.0.0.0/8'], ['192.168.0.0/16', '2001:db8::/32']).map((ip) => ({ ip })),
  ),
  { minLength: 1, maxLength: 3 },
);

const accessRules: fc.Arbitrary<AccessRules | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  rules.map((all) => ({ all })),
  rules.map((any) => ({ any })),
);

const items: fc.Arbitrary<PolicyItem> = fc
  .record({
    group: maybe(fc.constantFrom(...EVERYONES, ...GROUPS)),
    // Not an audience's: one that is lost is no scope of the token, so that a later use finds less than was requested.
    scopes: maybe(fc.subarray(['openid', 'WS', 'East.a', 'East.b', 'West.a'])),
    name: fc.constantFrom('mail', 'mail', 'role', 'via', 'sub'),
    value: fc.constantFrom(
      ...['text:x', 'text:y', 'text:', 'user:mail', 'user:mail', 'user:a.b;binary', 'user:gone'],
      ...['method:issuer_dn', bare("method['dn']"), bare('user.mail'), 'method:grant_type'],
    ),
  })
  .map(clean);

const policies: fc.Arbitrary<PolicyEntity> = fc
  .record({
    items: fc.array(items, { maxLength: 4 }),
    single_value: maybe(fc.subarray(['mail', 'role'])),
    required: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      fc.subarray(['mail', 'role', 'via'], { minLength: 1, maxLength: 2 }),
    ),
  })
  .map((members) => clean({ kind: 'policy', ...members }));

const draftApplications: fc.Arbitrary<DraftApplication> = fc.record({
  client_id: fc.oneof(
    { weight: 6, arbitrary: fc.constant('own' as const) },
    fc.constant('name' as const),
    fc.constant('shared' as const),
  ),
  enabled: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(undefined, true) }, fc.constant(false)),
  expires: ends,
  secret: fc.constantFrom(undefined, ...SECRETS),
  secrets: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.array(
      fc
        .tuple(fc.constantFrom(...SECRETS), fc.constantFrom(undefined, '2026-06-01'), ends)
        .map(([reference, not_before, expires]) => ({ ...reference, ...clean({ not_before, expires }) })),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  methods: maybe(methodLists),
  allowed_to: linksTo([...GROUPS, ...EVERYONES]),
  access_rules: accessRules,
  policy: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...POLICIES) },
  ),
  client_ip_range: fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, fc.constant(['10.0.0.0/8'])),
  grant: mostly,
  userGrants: fc.subarray(['authorization_code', 'implicit', 'password', 'refresh_token']),
  public: seldom,
  asks: fc.shuffledSubarray(APPLICATIONS),
  extra: fc.subarray(['openid', 'WS']),
  by: fc.constantFrom('scope', 'aud'),
  audience_mode: fc.constantFrom(undefined, 'narrow', 'strict'),
  access_ttl: fc.constantFrom(undefined, '5m', '1h'),
  bind_token_ip: fc.constantFrom(undefined, undefined, undefined, true, false),
  restricted: fc.constantFrom(undefined, undefined, true),
  protected: fc.constantFrom(undefined, undefined, undefined, true),
});

const groups: fc.Arbitrary<GroupEntity> = fc
  .record({
    methods: maybe(methodLists),
    members: linksTo<UserAddress | GroupAddress>([...USERS, ...GROUPS, ...EVERYONES]),
  })
  .map(({ methods, members }) => clean({ kind: 'group', methods, members }));

const users: fc.Arbitrary<UserEntity> = fc
  .record({
    sub: fc.constantFrom('', 'x'),
    enabled: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(undefined, true) }, fc.constant(false)),
    not_before: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom('2026-06-14', '2026-06-16')),
    expires: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom('2026-06-15', '2026-06-16')),
    methods: maybe(methodLists),
    attributes: maybe(
      fc.dictionary(
        fc.constantFrom('mail', 'a.b', 'a/b', 'm~n'),
        fc.constantFrom('x', 'y', '', ['x', 'y'], ['x', 'x']),
      ),
    ),
    impersonated_by: linksTo(APPLICATIONS),
  })
  .map((members) => clean({ kind: 'user', ...members }));

type Draft = ReadonlyMap<Address, Entity | DraftApplication>;

/** Some entities of a fixed set of addresses, so that two drafts often have the same address with another content. */
const drafts: fc.Arbitrary<Draft> = fc
  .record({
    server: fc
      .constantFrom('http://localhost:8080', 'https://a.example')
      .map((issuer): Entity => ({ kind: 'server', issuer })),
    methods: fc.tuple(...METHODS.map((name) => fc.tuple(fc.constant(name), mostly, maybe(mostly)))),
    sites: fc.tuple(...SITES.map((name) => fc.tuple(fc.constant(name), maybe(methodLists)))),
    scope: seldom,
    applications: fc.tuple(...APPLICATIONS.map((at) => fc.tuple(fc.constant(at), mostly, draftApplications))),
    policies: fc.tuple(...POLICIES.map((at) => fc.tuple(fc.constant(at), mostly, policies))),
    groups: fc.tuple(...GROUPS.map((at) => fc.tuple(fc.constant(at), mostly, groups))),
    users: fc.tuple(...USERS.map((at) => fc.tuple(fc.constant(at), mostly, users))),
  })
  .map((some) => {
    const draft = new Map<Address, Entity | DraftApplication>([['server', some.server]]);
    for (const [name, present, enabled] of some.methods) {
      const type: MethodType = name.startsWith('password') ? 'password' : 'client_credentials';
      if (present) draft.set(methodAddress(name), clean({ kind: 'method', type, enabled }));
    }
    for (const [name, methods] of some.sites) draft.set(siteAddress(name), clean({ kind: 'site', methods }));
    if (some.scope) draft.set('scope:WS', { kind: 'scope', descriptions: [{ key: 'en', value: 'Manage' }] });
    for (const [address, present, entity] of some.applications) if (present) draft.set(address, entity);
    for (const [address, present, entity] of some.policies) if (present) draft.set(address, entity);
    for (const [address, present, entity] of some.groups) if (present) draft.set(address, entity);
    for (const [address, present, entity] of some.users) if (present) draft.set(address, entity);
    return draft;
  });

/** One State. */
export const states: fc.Arbitrary<State> = drafts.map(resolve);

/** How many entities of a pair are other ones: a few, or a good part. */
const picked = fc.oneof(
  { weight: 2, arbitrary: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }) },
  fc.array(fc.nat(), { minLength: 5, maxLength: 12 }),
);

const DATES = [undefined, '2026-06-14', '2026-06-16', '2026-06-20', '2026-06-28T12:30:00.5+02:00'] as const;

/** The same links, users and applications, some of which begin or end at another time. */
function redated(state: State, picks: readonly { readonly every: number; readonly date: number }[]): State {
  let at = 0;
  const next = () => {
    at++;
    const pick = picks.find(({ every }) => at % every === 0);
    return pick === undefined ? undefined : { date: DATES[(pick.date + at) % DATES.length] };
  };
  const end = <T extends { readonly expires?: string }>(one: T): T => {
    const found = next();
    return found === undefined ? one : (clean({ ...one, expires: found.date }) as T);
  };
  return new Map(
    [...state].map(([address, entity]): [Address, Entity] => {
      switch (entity.kind) {
        case 'group':
          return [address, clean({ ...entity, members: entity.members?.map(end) })];
        case 'application':
          return [address, end(clean({ ...entity, allowed_to: entity.allowed_to?.map(end) }))];
        case 'user': {
          const begin = next();
          const not_before = begin === undefined ? entity.not_before : begin.date;
          return [address, end(clean({ ...entity, not_before, impersonated_by: entity.impersonated_by?.map(end) }))];
        }
        default:
          return [address, entity];
      }
    }),
  );
}

/** Two States: of their own, or the second the first with some entities replaced, added and removed, or with other dates. */
export const statePairs: fc.Arbitrary<readonly [before: State, after: State]> = fc.oneof(
  fc.tuple(states, states),
  fc.tuple(drafts, drafts, picked).map(([first, second, picks]) => {
    const addresses = [...new Set([...first.keys(), ...second.keys()])];
    const edited = new Map(first);
    for (const pick of picks) {
      const address = addresses[pick % addresses.length] as Address;
      const entity = second.get(address);
      if (entity === undefined) edited.delete(address);
      else edited.set(address, entity);
    }
    return [resolve(first), resolve(edited)] as const;
  }),
  fc
    .tuple(
      states,
      fc.array(fc.record({ every: fc.integer({ min: 2, max: 9 }), date: fc.nat(9) }), { minLength: 1, maxLength: 3 }),
    )
    .map(([state, picks]) => [state, redated(state, picks)] as const),
);

/** Drops what refers to nothing and what the language forbids: the same client_id twice, two users for one client. */
function resolve(draft: Draft): State {
  const taken = new Set<string>();
  const client_ids = new Map<ApplicationAddress, string>();
  for (const address of APPLICATIONS) {
    const application = draft.get(address);
    if (application === undefined || 'kind' in application) continue;
    const own = address.slice('application:'.length).replace('/', '.');
    const wanted = { own, name: address.slice(-1), shared: 'shared' }[application.client_id];
    const client_id = taken.has(wanted) ? own : wanted;
    taken.add(client_id);
    client_ids.set(address, client_id);
  }
  const impersonating = new Set<ApplicationAddress>();
  return createState(
    [...draft].map(([address, entity]): [Address, Entity] => {
      const client_id = client_ids.get(address as ApplicationAddress);
      if (!('kind' in entity)) return [address, resolveApplication(entity, client_id ?? '', client_ids, draft)];
      if (entity.kind === 'site') return [address, clean({ ...entity, methods: known(entity.methods, draft) })];
      if (entity.kind === 'group') {
        const members = (entity.members ?? []).filter(({ to }) => isEveryone(to) || draft.has(to));
        return [address, clean({ ...entity, methods: known(entity.methods, draft), members: listed(members) })];
      }
      if (entity.kind === 'policy') {
        return [address, { ...entity, items: (entity.items ?? []).filter(({ group }) => isThere(group, draft)) }];
      }
      if (entity.kind !== 'user') return [address, entity];
      const impersonated_by = (entity.impersonated_by ?? []).filter(({ to }) => {
        if (!draft.has(to) || impersonating.has(to)) return false;
        impersonating.add(to);
        return true;
      });
      const sub = `${address.slice('user:'.length)}${entity.sub}`;
      const methods = known(entity.methods, draft);
      return [address, clean({ ...entity, sub, methods, impersonated_by: listed(impersonated_by) })];
    }),
  );
}

function resolveApplication(
  application: DraftApplication,
  client_id: string,
  client_ids: ReadonlyMap<ApplicationAddress, string>,
  draft: Draft,
): ApplicationEntity {
  const asked = application.asks.map((address) => client_ids.get(address)).filter((value) => value !== undefined);
  const extra = application.extra.filter((value) => value !== 'WS' || draft.has('scope:WS'));
  const byScope = application.by === 'scope';
  return clean({
    kind: 'application',
    client_id,
    enabled: application.enabled,
    expires: application.expires,
    secret: application.secrets === undefined ? application.secret : undefined,
    secrets: application.secrets,
    methods: known(application.methods, draft),
    allowed_to: listed(application.allowed_to.filter(({ to }) => isThere(to, draft))),
    access_rules: resolveRules(application.access_rules, draft),
    policy: application.policy !== undefined && draft.has(application.policy) ? application.policy : undefined,
    client_ip_range: application.client_ip_range,
    metadata: clean({
      grant_types: listedGrants(application),
      token_endpoint_auth_method: application.public ? ('none' as const) : undefined,
      scope: byScope ? [...asked, ...extra].join(' ') : extra.join(' '),
      aud: byScope ? undefined : asked,
    }),
    tokens: application.access_ttl === undefined ? undefined : { access_ttl: application.access_ttl },
    audience_mode: application.audience_mode,
    bind_token_ip: application.bind_token_ip,
    restricted: application.restricted,
    protected: application.protected,
  });
}

function listedGrants({ grant, userGrants }: DraftApplication): readonly string[] | undefined {
  const all = [...(grant ? ['client_credentials'] : []), ...userGrants];
  return all.length === 0 ? undefined : all;
}

/** The built-in group is there with its site, and sites always are. */
function isThere(group: GroupAddress | undefined, draft: Draft): boolean {
  return group === undefined || isEveryone(group) || draft.has(group);
}

function resolveRules(written: AccessRules | undefined, draft: Draft): AccessRules | undefined {
  if (written === undefined) return undefined;
  const resolved = (all: readonly AccessRule[]) =>
    all.filter(
      (rule) =>
        ('method' in rule ? draft.has(methodAddress(rule.method)) : true) &&
        isThere('group' in rule ? rule.group : undefined, draft),
    );
  const left = resolved('all' in written ? written.all : written.any);
  if (left.length === 0) return undefined;
  return 'all' in written ? { all: left } : { any: left };
}

function known(methods: readonly string[] | undefined, draft: Draft): readonly string[] | undefined {
  return methods?.filter((name) => draft.has(methodAddress(name)));
}

function listed<T extends { readonly to: string }>(links: readonly T[]): readonly T[] | undefined {
  return links.length === 0 ? undefined : [...links].sort((a, b) => (a.to < b.to ? -1 : 1));
}

type Members<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the members that are undefined: State has none. */
function clean<T extends object>(members: T): Members<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members<T>;
}
