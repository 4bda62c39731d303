import { describe, expect, it } from 'vitest';
import { type AccessGraph, graphOf } from '../../src/explain/graph.ts';
import { selectClients } from '../../src/explain/graph-select.ts';
import { applicationAddress, everyoneOf, groupAddress, scopeAddress, userAddress } from '../../src/model/address.ts';
import { declare, NOW } from './graph-spec.ts';

const secret = { env: 'SHOP_SECRET' };
const client = {
  secret,
  metadata: { grant_types: ['client_credentials'], scope: 'Api refund' },
  impersonates: 'Robot',
};
const shop = {
  site: 'Shop',
  methods: ['service', 'pin'],
  defaults: { applications: { methods: ['service'] }, users: { methods: ['service'] } },
  applications: {
    Job: { ...client, allowed_to: ['Jobs'] },
    Api: { secret, allowed_to: [{ group: 'Callers', expires: '2026-01-01' }, 'Readers', 'everyone'] },
    Portal: {
      secret,
      methods: ['pin'],
      allowed_to: ['everyone'],
      access_rules: { all: [{ group: 'Readers' }, { ip: ['10.0.0.0/8'] }] },
      metadata: { grant_types: ['password'] },
    },
    Off: { enabled: false, allowed_to: ['Jobs'] },
  },
  groups: {
    Jobs: { members: ['Robot'] },
    Callers: { members: ['Robot', 'group:Jobs'] },
    Readers: { members: ['Ada'] },
    Aside: { members: ['Bob'] },
  },
  users: { Robot: {}, Ada: { attributes: { mail: 'ada@example.com' } }, Bob: { expires: '2026-02-01' } },
};

const app = (name: string) => applicationAddress('Shop', name);
const group = (name: string) => groupAddress('Shop', name);
const user = (name: string) => userAddress('Shop', name);
const declared = declare(shop);
const graph = graphOf(declared.state, declared.index, NOW);

const told = ({ links }: AccessGraph) => links.map(({ from, relation, to, ended }) => [from, relation, to, ended]);

describe('the graph of a State', () => {
  it('holds every application, user, group and scope, and the built-in group that is named', () => {
    expect([...graph.entities.keys()]).toEqual(
      [
        ...['Api', 'Job', 'Off', 'Portal'].map(app),
        ...['Aside', 'Callers', 'Jobs', 'Readers'].map(group),
        everyoneOf('Shop'),
        scopeAddress('refund'),
        ...['Ada', 'Bob', 'Robot'].map(user),
      ].sort(),
    );
  });

  it('goes from who asks to what is reached, and tells what has ended', () => {
    expect(told(graph)).toEqual(
      expect.arrayContaining([
        [app('Job'), 'impersonates', user('Robot'), false],
        [app('Job'), 'may_ask_for', app('Api'), false],
        [app('Job'), 'may_ask_for', scopeAddress('refund'), false],
        [user('Robot'), 'member_of', group('Jobs'), false],
        [group('Jobs'), 'member_of', group('Callers'), false],
        [group('Callers'), 'open_to', app('Api'), true],
        [everyoneOf('Shop'), 'open_to', app('Api'), false],
        [group('Readers'), 'access_rule', app('Portal'), false],
      ]),
    );
    expect(graph.links).toHaveLength(15);
  });

  it('tells applications by the part that they play, and what does not count now', () => {
    const kinds = ['Job', 'Api', 'Portal', 'Off'].map((name) => graph.entities.get(app(name))?.kind);
    expect(kinds).toEqual(['client', 'server', 'client', 'application']);
    expect(graph.entities.get(everyoneOf('Shop'))?.kind).toBe('everyone');
    expect(graph.entities.get(app('Off'))?.off).toBe('disabled');
    expect(graph.entities.get(user('Bob'))?.off).toBe('expired');
  });

  it('names each link by the place where it is written', () => {
    const link = graph.links.find(({ from, to }) => from === group('Jobs') && to === group('Callers'));
    expect(link?.at.address).toBe(group('Callers'));
    expect(declared.origins.get(group('Callers'))?.(link?.at.pointer ?? '').file).toBe('1.yaml');
  });

  it('tells no secret and no attribute of a user', () => {
    const text = JSON.stringify([...graph.entities.values()]);
    expect(text).not.toContain('SHOP_SECRET');
    expect(text).not.toContain('ada@example.com');
    expect(graph.entities.get(app('Portal'))?.facts).toContainEqual([
      'access rules',
      'group Shop/Readers and from 10.0.0.0/8',
    ]);
  });
});

describe('the part of a graph that clients rest on', () => {
  it('is what they may ask for, as whom, and through which groups; with every link between', () => {
    const part = selectClients(graph, [app('Job')], new Set());
    expect([...part.entities.keys()]).toEqual(
      [
        app('Api'),
        app('Job'),
        ...['Callers', 'Jobs', 'Readers'].map(group),
        everyoneOf('Shop'),
        scopeAddress('refund'),
        user('Robot'),
      ].sort(),
    );
    expect(part.links).toHaveLength(10);
  });

  it('holds the members of the groups that let users in, where users log in at a client', () => {
    const part = selectClients(graph, [app('Portal')], new Set([app('Portal')]));
    expect([...part.entities.keys()]).toEqual(
      [app('Portal'), group('Readers'), everyoneOf('Shop'), user('Ada')].sort(),
    );
  });

  it('leaves out groups of the user that lead nowhere', () => {
    const aside = declare({ ...shop, groups: { ...shop.groups, Aside: { members: ['Robot'] } } });
    const part = selectClients(graphOf(aside.state, aside.index, NOW), [app('Job')], new Set());
    expect(part.entities.has(group('Aside'))).toBe(false);
  });
});
