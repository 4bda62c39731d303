import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import { graphOf } from '../../src/explain/graph.ts';
import { answerOf, answersOf } from '../../src/explain/graph-answer.ts';
import { highlightOf, refusalWords } from '../../src/explain/graph-highlight.ts';
import type { Layout } from '../../src/explain/graph-layout.ts';
import { renderPage } from '../../src/explain/graph-page.ts';
import { pageData } from '../../src/explain/graph-page-data.ts';
import { answerWords, shorten, stepWords } from '../../src/explain/graph-words.ts';
import { pictureOf } from '../../src/explain/picture.ts';
import {
  type ApplicationAddress,
  applicationAddress,
  nameOf,
  scopeAddress,
  userAddress,
} from '../../src/model/address.ts';
import { createState } from '../../src/model/state.ts';
import { declare, NOW, teams } from './graph-spec.ts';

const declared = declare({
  site: 'Shop',
  methods: ['service', 'pin'],
  defaults: { applications: { methods: ['service'] }, users: { methods: ['service', 'pin'] } },
  applications: {
    Job: {
      secret: { env: 'A' },
      impersonates: 'Robot',
      allowed_to: ['Jobs'],
      metadata: { grant_types: ['client_credentials'], scope: 'open-id closed refund' },
    },
    Open: { client_id: 'open-id', secret: { env: 'B' }, allowed_to: ['everyone'] },
    Closed: { client_id: 'closed', secret: { env: 'C' }, allowed_to: ['Others'] },
    Portal: {
      methods: ['pin'],
      secret: { env: 'D' },
      allowed_to: ['Others'],
      metadata: { grant_types: ['password'], scope: 'closed' },
    },
  },
  groups: { Jobs: { members: ['Robot'] }, Others: { members: ['Ada'] } },
  users: { Robot: {}, Ada: {} },
});
const { state, index } = declared;
const app = (name: string) => applicationAddress('Shop', name);
const graph = graphOf(state, index, NOW);
const asker = { client: app('Job'), user: undefined, grant_type: 'client_credentials' };

describe('the answers of a graph', () => {
  it('are those that a token request gets, for every client and all that it may name', () => {
    const { state: many, index: indexOfMany } = declare(...teams(3, 2, 5, 2));
    const answers = answersOf(graphOf(many, indexOfMany, NOW), indexOfMany, NOW) ?? [];
    expect(answers.length).toBe(3 * 5 * 3);
    for (const { asker: who, target, granted } of answers) {
      const client_id = indexOfMany.application(target as ApplicationAddress)?.client_id ?? '';
      const decision = decide(indexOfMany, { client: who.client, grant_type: who.grant_type, scope: [client_id] }, NOW);
      expect(decision.allowed && decision.audiences.includes(client_id)).toBe(granted);
    }
    expect(new Set(answers.map(({ granted }) => granted))).toEqual(new Set([true]));
  });

  it('are given for users who log in as well', () => {
    const answers = answersOf(graph, index, NOW) ?? [];
    const told = answers
      .filter(({ asker: { user } }) => user !== undefined)
      .map(({ asker: who, target, granted }) => `${nameOf(who.user ?? target)} ${nameOf(target)} ${granted}`);
    expect(told).toContain('Ada Portal true');
    expect(told).toContain('Robot Portal false');
  });

  it('are none where they are too many for a page', () => {
    const few = declare(...teams(1, 30, 120, 0)).state;
    const scope = Array.from({ length: 40 }, (_, number) => `t0-service${number}`).join(' ');
    const many = createState(
      [...few].map(([address, entity]) =>
        entity.kind === 'application' && entity.metadata?.scope !== undefined
          ? [address, { ...entity, metadata: { ...entity.metadata, scope } }]
          : [address, entity],
      ),
    );
    const [indexOfFew, indexOfMany] = [indexState(few), indexState(many)];
    expect(answersOf(graphOf(few, indexOfFew, NOW), indexOfFew, NOW)).toHaveLength(240);
    expect(answersOf(graphOf(many, indexOfMany, NOW), indexOfMany, NOW)).toHaveLength(3720);
    const more = createState([
      ...many,
      ...[...many].map(([address, entity]): [typeof address, typeof entity] =>
        entity.kind === 'application'
          ? [`${address}x` as typeof address, { ...entity, client_id: `${entity.client_id}x` }]
          : [address, entity],
      ),
    ]);
    const indexOfMore = indexState(more);
    expect(answersOf(graphOf(more, indexOfMore, NOW), indexOfMore, NOW)).toBeUndefined();
  });
});

describe('the way of one answer', () => {
  it('goes along the links of the picture, and draws the one into a built-in group that no picture has', () => {
    const picture = pictureOf(graph);
    const answer = answerOf(index, asker, app('Open'), NOW);
    const { nodes, edges, added, missing } = highlightOf(picture, answer);
    expect(answerWords(answer)).toBe('Shop/Job gets Shop/Open');
    expect(answer.steps.map(stepWords)).toContain('Shop/Robot is a user of Shop');
    const relations = picture.edges.filter(({ id }) => edges.has(id)).map(({ relation }) => relation);
    expect(relations.sort()).toEqual(['impersonates', 'may_ask_for', 'open_to']);
    expect(added).toEqual([
      {
        from: picture.nodeOf.get(userAddress('Shop', 'Robot'))?.id,
        to: expect.any(String),
        words: 'is in',
        refused: false,
      },
    ]);
    expect(nodes.size).toBe(4);
    expect(missing.size).toBe(0);
  });

  it('ends, for a no, where the missing link should be written', () => {
    const picture = pictureOf(graph);
    const answer = answerOf(index, asker, app('Closed'), NOW);
    const { added, missing } = highlightOf(picture, answer);
    expect(refusalWords(answer)).toBe(
      'NOT_IN_ALLOWED_GROUP: No group that may access the application has the subject as a member (allowed_to of Shop/Closed)',
    );
    expect([...missing]).toEqual([picture.nodeOf.get(app('Closed'))?.id]);
    expect(added).toEqual([expect.objectContaining({ words: 'NOT_IN_ALLOWED_GROUP', refused: true })]);
  });

  it('is told for a scope, for itself, and for what the client may not name at all', () => {
    const told = [scopeAddress('refund'), app('Job'), app('Portal')].map((target) => {
      const answer = answerOf(index, asker, target, NOW);
      return [answerWords(answer), answer.refusal?.code];
    });
    expect(told).toEqual([
      ['Shop/Job gets scope refund', undefined],
      ['Shop/Job gets a token for itself', undefined],
      ['Shop/Job does not get Shop/Portal', 'SCOPE_NOT_ALLOWED'],
    ]);
  });
});

describe('the way of a user', () => {
  it('goes along the access rule that it meets', () => {
    const { state: shop, index: shopIndex } = declare({
      site: 'Shop',
      methods: ['pin'],
      defaults: { applications: { methods: ['pin'] }, users: { methods: ['pin'] } },
      applications: {
        Portal: {
          secret: { env: 'A' },
          allowed_to: ['everyone'],
          access_rules: { all: [{ ip: ['10.0.0.0/8'] }, { group: 'Staff' }] },
          metadata: { grant_types: ['password'] },
        },
      },
      groups: { Staff: { members: ['Ada'] } },
      users: { Ada: {} },
    });
    const picture = pictureOf(graphOf(shop, shopIndex, NOW));
    const portal = { client: app('Portal'), user: userAddress('Shop', 'Ada'), grant_type: 'password' };
    const answer = answerOf(shopIndex, portal, app('Portal'), NOW);
    expect(answerWords(answer)).toBe('Shop/Portal for Shop/Ada gets a token for itself, only from 10.0.0.0/8');
    const { edges } = highlightOf(picture, answer);
    const relations = picture.edges.filter(({ id }) => edges.has(id)).map(({ relation }) => relation);
    expect(relations.sort()).toEqual(['access_rule', 'member_of', 'open_to']);
  });

  it('marks the client where a method is missing that no picture draws', () => {
    const { state: shop, index: shopIndex } = declare({
      site: 'Shop',
      methods: [],
      defaults: { applications: { methods: ['pin'] }, users: { methods: ['pin'] } },
      applications: {
        Portal: {
          secret: { env: 'A' },
          allowed_to: ['everyone'],
          metadata: { grant_types: ['password'], scope: 'refund' },
        },
      },
      users: { Ada: {} },
    });
    const graphOfShop = graphOf(shop, shopIndex, NOW);
    const picture = pictureOf(graphOfShop);
    const portal = { client: app('Portal'), user: userAddress('Shop', 'Ada'), grant_type: 'password' };
    const answer = answerOf(shopIndex, portal, scopeAddress('refund'), NOW);
    expect(answer.refusal?.code).toBe('METHOD_NOT_ON_SITE');
    const ids = [app('Portal'), scopeAddress('refund')].map((one) => picture.nodeOf.get(one)?.id);
    expect([...highlightOf(picture, answer).missing]).toEqual(ids);
    const data = pageData(picture, new Map(), [answer], answer);
    expect(data.entities[data.answers[0]?.refusal?.entity ?? -1]?.name).toBe('Shop/Portal');
  });
});

describe('the words of a picture', () => {
  const { state: shop, index: shopIndex } = declare({
    site: 'Shop',
    methods: ['pin'],
    applications: { Portal: { methods: ['pin'], allowed_to: ['everyone', 'Staff'] } },
    groups: { Staff: { members: [{ user: 'Ada', expires: '2030-01-01' }] } },
    users: { Ada: {} },
  });

  it('say the end of a link after what it leads to, and what is built in', async () => {
    const graphviz = await Graphviz.load();
    const layout: Layout = (dot, engine) => graphviz.layout(dot, 'json', engine);
    const content = { title: 'Shop', origins: new Map(), answers: undefined, asked: undefined };
    const page = renderPage(pictureOf(graphOf(shop, shopIndex, NOW)), content, layout);
    expect(page).toContain('<title>Ada is in Staff, until 2030-01-01</title>');
    expect(page).toContain('aria-label="built-in group everyone, site Shop"');
  });

  it('end a list that is too long after a name, and cut a name that is too long alone', () => {
    expect(shorten('alpha, beta, gamma', 18)).toBe('alpha, beta, gamma');
    expect(shorten('alpha, beta, gamma', 17)).toBe('alpha, beta, …');
    expect(shorten('alphabetagamma', 10)).toBe('alphabeta…');
    for (const longest of [9, 12, 13, 14])
      expect(shorten('alpha, beta, gamma', longest).length).toBeLessThanOrEqual(longest);
  });
});
