// Owns specs of several sites that name each other, made and edited by chance, mostly without an error. Never compiles one.

import type { SourceFile } from '../../src/spec/source.ts';
import { below, oneOf, type Random } from './random.ts';

type Entity = Record<string, unknown>;
type Kind = 'applications' | 'groups' | 'users' | 'policies';

interface Site {
  readonly applications: Map<string, Entity>;
  readonly groups: Map<string, Entity>;
  readonly users: Map<string, Entity>;
  readonly policies: Map<string, Entity>;
  methods: readonly string[];
  defaults: Entity | undefined;
  moved: readonly Entity[];
  tests: readonly Entity[];
  /** Kinds that stand in a file of their own. */
  apart: readonly Kind[];
  /** A file that it shares with the sites of the same number. */
  file: number;
  comment: string;
}

export interface ManySites {
  readonly sites: Map<string, Site>;
  resources: Map<string, Entity>;
  allow: readonly Entity[];
  tests: readonly Entity[];
  scopes: readonly string[];
}

const SERVER_NAME = 'c2';
const SITES = ['A', 'B', 'C', 'D', 'E', 'F'];
const NAMES = { applications: ['c0', 'c1', 'c2'], groups: ['g0', 'g1'], users: ['u0', 'u1', 'u2'], policies: ['p0'] };
const KINDS = Object.keys(NAMES) as Kind[];
/** Instants that the times of compiles lie between. */
export const INSTANTS = ['2027-01-01', '2027-02-01', '2027-03-01'];

const often = (random: Random, part: number) => random() < part;
const some = <T>(random: Random, items: readonly T[], part: number) => items.filter(() => often(random, part));

export function makeManySites(random: Random): ManySites {
  const spec: ManySites = { sites: new Map(), resources: new Map(), allow: [], tests: [], scopes: ['S0', 'S1'] };
  for (const name of SITES.slice(0, 2 + below(random, 4))) addSite(spec, name, random);
  // What names others is made when they are there.
  for (const [name, site] of spec.sites) {
    for (const kind of KINDS) for (const own of NAMES[kind]) if (often(random, 0.7)) site[kind].set(own, {});
    site.methods = ['m', 'pw'];
    if (name === 'A') site.groups.set('g0', {});
  }
  for (const [name, site] of spec.sites) {
    for (const kind of KINDS)
      for (const own of site[kind].keys()) site[kind].set(own, entity(spec, kind, name, own, random));
  }
  if (often(random, 0.4)) editShared(spec, random);
  return spec;
}

function addSite(spec: ManySites, name: string, random: Random): Site {
  const maps = { applications: new Map(), groups: new Map(), users: new Map(), policies: new Map() };
  const rest = { methods: ['m', 'pw'], defaults: undefined, moved: [], tests: [], comment: '' };
  const site: Site = {
    ...maps,
    ...rest,
    apart: some(random, KINDS, 0.15),
    file: often(random, 0.8) ? SITES.indexOf(name) : 0,
  };
  spec.sites.set(name, site);
  return site;
}

/** How an entity of a kind is referred to from a site: mostly one of its own. */
function named(spec: ManySites, kind: Kind, from: string, random: Random): string | undefined {
  const site = often(random, 0.8) ? from : oneOf(random, [...spec.sites.keys()]);
  const names = [...(spec.sites.get(site)?.[kind].keys() ?? [])];
  if (names.length === 0) return undefined;
  const name = oneOf(random, names);
  return site === from && often(random, 0.8) ? name : `${site}/${name}`;
}

const list = (count: number, make: () => string | undefined) => [
  ...new Set(Array.from({ length: count }, make).filter((one) => one !== undefined)),
];

function entity(spec: ManySites, kind: Kind, site: string, name: string, random: Random): Entity {
  const groups = (count: number) => list(count, () => named(spec, 'groups', site, random));
  const users = (count: number) => list(count, () => named(spec, 'users', site, random));
  const ends = often(random, 0.1) ? { expires: oneOf(random, INSTANTS) } : {};
  const roles = often(random, 0.2)
    ? { roles: [{ role: oneOf(random, ['R0', 'R1']), customer: oneOf(random, ['K0', 'K1']) }] }
    : {};
  const methods = some(random, ['m', 'pw'], 0.8);
  const ownGroups = [...(spec.sites.get(site)?.groups.keys() ?? [])];
  switch (kind) {
    case 'applications': {
      // The last one of a site is a server, which the others name.
      const isServer = name === SERVER_NAME;
      const servers = [...spec.sites].flatMap(([of, { applications }]) =>
        applications.has(SERVER_NAME) ? [`${of}-${SERVER_NAME}`] : [],
      );
      const called = list(below(random, 3), () => (servers.length === 0 ? undefined : oneOf(random, servers)));
      const scope = [...some(random, spec.scopes, 0.3), ...called].join(' ');
      const grants = isServer ? [] : oneOf(random, [['client_credentials'], ['authorization_code'], []]);
      const isClient = grants.length > 0;
      return {
        client_id: often(random, 0.02) ? oneOf(random, ['u0', 'same']) : `${site}-${name}`,
        ...(isClient || often(random, 0.2) ? { secret: { env: 'X' } } : {}),
        methods,
        allowed_to: often(random, 0.1)
          ? ['everyone']
          : groups(1 + below(random, 2)).map((group) =>
              often(random, 0.05) ? { group, expires: oneOf(random, INSTANTS) } : group,
            ),
        ...(grants[0] === 'client_credentials' && often(random, 0.4) && called.length > 0
          ? { impersonates: users(1)[0] ?? 'u0' }
          : {}),
        ...(often(random, 0.3) && spec.sites.get(site)?.policies.size
          ? { policy: named(spec, 'policies', site, random) }
          : {}),
        ...(often(random, 0.1) ? { required_role: oneOf(random, ['R0', 'f0']) } : {}),
        ...roles,
        ...ends,
        metadata: {
          grant_types: grants,
          ...(grants[0] === 'authorization_code'
            ? { redirect_uris: ['https://app.example.com/cb'], code_challenge_method: 'S256' }
            : {}),
          ...(isClient && scope !== '' ? { scope } : {}),
        },
      };
    }
    case 'groups':
      return {
        methods,
        members: [
          ...users(below(random, 3)),
          ...(name === 'g0' && spec.sites.get(site)?.groups.has('g1') && often(random, 0.2) ? ['group:g1'] : []),
        ],
        ...roles,
      };
    case 'users':
      return {
        methods,
        ...(often(random, 0.02) ? { sub: 'same' } : {}),
        attributes: Object.fromEntries(
          some(random, ['mail', 'unit'], often(random, 0.2) ? 0.5 : 0).map((key) => [key, `${site}-${name}@x`]),
        ),
        ...(often(random, 0.2) ? { password: { env: 'P' } } : {}),
        ...(often(random, 0.15) ? { member_of: ownGroups.slice(0, 1) } : {}),
        ...ends,
        ...roles,
      };
    case 'policies':
      return {
        items: [
          {
            name: 'mail',
            value: `user:${oneOf(random, ['mail', 'unit', 'mial'])}`,
            ...(often(random, 0.3) ? { group: groups(1)[0] ?? 'g0' } : {}),
            ...(often(random, 0.3) ? { scopes: [oneOf(random, spec.scopes)] } : {}),
          },
        ],
      };
  }
}

/** One thing that a team does. Answers another spec. */
export function editManySites(before: ManySites, random: Random): ManySites {
  const sites = new Map([...before.sites].map(([name, site]): [string, Site] => [name, copied(site)]));
  const spec: ManySites = { ...before, sites };
  const name = oneOf(random, [...sites.keys()]);
  const site = sites.get(name) as Site;
  const kind = oneOf(random, KINDS);
  const own = oneOf(random, NAMES[kind]);
  switch (below(random, 14)) {
    case 0:
      site[kind].delete(own);
      break;
    case 1:
      site.comment = `# ${'x'.repeat(below(random, 5))}\n`;
      break;
    case 2: {
      const free = SITES.filter((one) => !sites.has(one));
      if (free.length > 0) addSite(spec, oneOf(random, free), random);
      else if (sites.size > 1) sites.delete(name);
      break;
    }
    case 3:
      if (often(random, 0.3)) editShared(spec, random);
      break;
    case 4:
      site.apart = some(random, KINDS, 0.3);
      break;
    case 5:
      site.defaults = often(random, 0.5)
        ? undefined
        : { [oneOf(random, ['applications', 'users'])]: { methods: ['m'] } };
      break;
    case 6: {
      const to = oneOf(random, NAMES[kind]);
      const one = site[kind].get(own);
      if (one === undefined || site[kind].has(to)) break;
      site[kind].delete(own);
      site[kind].set(to, one);
      site.moved = often(random, 0.7) ? [{ from: own, to }] : [];
      break;
    }
    case 7:
      site.tests = often(random, 0.8) ? [] : [{ name: 'one', deny: { client: 'c0', scope: 'S0' } }];
      break;
    case 8:
      site.methods = oneOf(random, [['m'], ['m', 'pw'], ['m', 'pw']]);
      break;
    default:
      site[kind].set(own, entity(spec, kind, name, own, random));
  }
  return spec;
}

function copied(site: Site): Site {
  const { applications, groups, users, policies } = site;
  return {
    ...site,
    applications: new Map(applications),
    groups: new Map(groups),
    users: new Map(users),
    policies: new Map(policies),
  };
}

function editShared(spec: ManySites, random: Random): void {
  spec.resources = new Map(
    some(random, ['x0', 'x1', 'x2'], 0.5).flatMap((name, position): [string, Entity][] => {
      const client = named(spec, 'applications', 'none', random);
      const group = named(spec, 'groups', 'none', random);
      if (client === undefined) return [];
      const scopes = often(random, 0.1) ? { scopes: ['S0'] } : {};
      const rule = { client: often(random, 0.2) ? client.split('/')[1] : client, ...scopes };
      const path = often(random, 0.95) ? `/${position}` : '/0';
      return [[name, { path, access_rules: [rule, ...(group === undefined ? [] : [{ group }])] }]];
    }),
  );
  const waivers = [
    { code: 'group.unused', reason: 'x' },
    { code: 'scope.unused', at: 'S0', reason: 'x' },
    { code: 'application.unreachable', at: 'A', reason: 'x' },
  ];
  spec.allow = some(random, waivers, 0.2);
  const client = named(spec, 'applications', 'none', random);
  const isTested = client !== undefined && often(random, 0.3);
  spec.tests = isTested ? [{ name: 'all', who_can: { scope: 'S0' }, exactly: [client] }] : [];
  spec.scopes = oneOf(random, [
    ['S0', 'S1'],
    ['S0', 'S1', 'S2'],
  ]);
}

export function filesOf({ sites, resources, allow, tests, scopes }: ManySites): SourceFile[] {
  const files = new Map<string, string>();
  const write = (path: string, document: Entity, comment = '') => {
    const text = `${comment}${JSON.stringify(document, null, 1)}\n`;
    const known = files.get(path);
    files.set(path, known === undefined ? text : `${known}---\n${text}`);
  };
  write('server.yaml', {
    server: { issuer: 'https://id.example.com', lint: { allow } },
    methods: { m: { type: 'client_credentials' }, pw: { type: 'password' } },
    scopes: Object.fromEntries(scopes.map((name) => [name, { descriptions: [{ key: 'en', value: name }] }])),
    roles: { R0: { functions: ['f0'] }, R1: { roles: ['R0'] } },
    customers: { K0: {}, K1: { parent: 'K0' } },
    ...(resources.size === 0 ? {} : { resources: Object.fromEntries(resources) }),
  });
  if (tests.length > 0) write('tests.yaml', { tests });
  for (const [name, site] of sites) {
    const { methods, defaults, moved, apart, comment } = site;
    const kindsIn = (kinds: readonly Kind[]) =>
      Object.fromEntries(
        kinds.filter((kind) => site[kind].size > 0).map((kind) => [kind, Object.fromEntries(site[kind])]),
      );
    const own = {
      ...(defaults === undefined ? {} : { defaults }),
      ...(moved.length === 0 ? {} : { moved }),
      ...(site.tests.length === 0 ? {} : { tests: site.tests }),
    };
    write(
      `sites/${site.file}.yaml`,
      { site: name, methods, ...own, ...kindsIn(KINDS.filter((kind) => !apart.includes(kind))) },
      comment,
    );
    for (const kind of apart) write(`sites/${site.file}-${kind}.yaml`, { site: name, ...kindsIn([kind]) });
  }
  return [...files].map(([path, text]) => ({ path, text }));
}
