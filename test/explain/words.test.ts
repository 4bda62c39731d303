// What explain says, word for word, where the reason code alone would mislead.

import { describe, expect, it } from 'vitest';
import { answerToJson } from '../../src/explain/answer-json.ts';
import { callingsOf } from '../../src/explain/callings.ts';
import { explain } from '../../src/explain/explain.ts';
import { answerOf } from '../../src/explain/graph-answer.ts';
import { stepWords as pictureWords } from '../../src/explain/graph-words.ts';
import { renderTestReport } from '../../src/explain/test-text.ts';
import { whatCan } from '../../src/explain/what-can.ts';
import type { World } from '../../src/explain/world.ts';
import { applicationAddress } from '../../src/model/address.ts';
import type { Origins, SourceRange } from '../../src/model/origin.ts';
import { speakLoss } from '../../src/plan/access-words.ts';
import { accessFromJson, accessToJson } from '../../src/plan/json-access.ts';
import { namingOf } from '../../src/plan/naming.ts';
import { judgeTest } from '../../src/plan/run-tests.ts';
import type { TestProblem } from '../../src/plan/test-problem.ts';
import { never } from '../plan/access-tests.ts';
import { placesOf, planOf } from '../plan/make.ts';
import { canDo, clinic, clinicUser, NOW, questionOf, said } from './clinic.ts';

const NAMING = callingsOf(clinic().index.state);

describe('a method that serves another grant', () => {
  it('is told to be none to log in with, with those that are', () => {
    expect(said(clinic(), { user: 'kim', method: 'svc' })).toEqual([
      '✗ web gets no token by authorization_code for kim who logged in by svc (METHOD_NOT_ON_APPLICATION)',
      '✗ svc is no method to log in with: its type client_credentials serves another grant  spec.yaml:2:25',
      'Ask about a method that serves authorization_code: web lists pw',
    ]);
  });

  it('is told apart from one that the application does not list', () => {
    expect(said(clinic(), { user: 'sue', method: 'sms' })).toEqual([
      '✗ web gets no token by authorization_code for sue who logged in by sms (METHOD_NOT_ON_APPLICATION)',
      '✗ web lists other methods than sms  spec.yaml:9:14',
      'This would allow it',
      'add sms to methods of web  spec.yaml:9:14',
    ]);
  });
});

describe('two values of a name that may have one', () => {
  it('are told with the items that give them, and the memberships and items without which there is one', () => {
    expect(said(clinic(), { user: 'kim', scope: ['records'] })).toEqual([
      '✗ web may not get records by authorization_code for kim (POLICY_NOT_MET)',
      'web may ask for records  spec.yaml:12:102',
      'kim is a user of Clinic  spec.yaml:20:3',
      'web is open to everyone of Clinic  spec.yaml:10:18',
      'kim is a member of doctors  spec.yaml:17:24',
      'records is open to doctors  spec.yaml:13:47',
      'kim has duty = doctor by policy duties  spec.yaml:29:9',
      'kim is a member of nurses  spec.yaml:18:23',
      'kim has duty = nurse by policy duties  spec.yaml:30:9',
      '✗ kim has two values for duty, and policy duties allows one  spec.yaml:31:20',
      'Any one of these would allow it',
      'remove kim from members of doctors',
      'spec.yaml:17:24',
      'remove kim from members of nurses',
      'spec.yaml:18:23',
      'remove the item duty = text:doctor (group doctors) of policy duties',
      'spec.yaml:29:9',
      'remove the item duty = text:nurse (group nurses) of policy duties',
      'spec.yaml:30:9',
    ]);
  });

  it('of which one ends are told with the time from which there is one', () => {
    const lines = said(clinic(), { user: 'cy', scope: ['records'] });
    expect(lines).toContain('As the spec is, it is given from 2030-01-01 on');
    expect(said(clinic(), { user: 'cy' }).filter((line) => line.startsWith('✗'))).toEqual([
      '✗ records  cy has two values for duty, and policy duties allows one (POLICY_NOT_MET); given from 2030-01-01 on  spec.yaml:31:20',
    ]);
  });

  it('of nested groups are helped by either membership, and one that all users have by its item alone', () => {
    const nested = clinic((text) =>
      text
        .replace('doctors: { members: [kim, ', 'doctors: { members: [group:seniors, ')
        .replace('groups:\n', 'groups:\n  seniors: { members: [kim] }\n')
        .replace('group: nurses, value: "text:nurse"', 'value: "text:nurse"'),
    );
    expect(said(nested, { user: 'kim', scope: ['records'] }).filter((line) => line.startsWith('remove'))).toEqual([
      'remove kim from members of seniors',
      'remove seniors from members of doctors',
      'remove the item duty = text:doctor (group doctors) of policy duties',
      'remove the item duty = text:nurse of policy duties',
    ]);
  });
});

describe('two values of a name, in other answers', () => {
  const before = clinic((text) => text.replace('nurses: { members: [kim, ', 'nurses: { members: ['));
  const after = clinic();

  it('a failed test names them, and the items that give them', () => {
    const asked = questionOf({ user: 'kim' });
    const request = { ...asked, grant_type: 'authorization_code', scope: ['records'], time: undefined };
    const assertion = { kind: 'allow' as const, request };
    const [problem] = judgeTest(assertion, after.index, NOW);
    expect(problem?.text).toBe(
      'expected a token; refused with NO_AUDIENCE: records POLICY_NOT_MET; duty has the values doctor and nurse',
    );
    const range = after.origins?.get('site:Clinic')?.('') as SourceRange;
    const report = {
      now: NOW,
      tests: [{ name: 'a', range, problems: [problem as TestProblem], later: undefined }],
      leftOut: 0,
      coverage: undefined,
    };
    const lines = renderTestReport(report, after.origins as Origins, { color: false, spec: '.' }).split('\n');
    expect(lines.map((line) => line.trim().replace(/ {2,}/g, '  '))).toEqual(
      expect.arrayContaining([
        'Clinic/kim has duty = doctor by policy Clinic/duties  spec.yaml:29:9',
        'Clinic/kim has duty = nurse by policy Clinic/duties  spec.yaml:30:9',
        'too many values: single_value of policy Clinic/duties  spec.yaml:31:20',
      ]),
    );
  });

  it('a plan that takes access away by them names them, also when it was saved', () => {
    const places = placesOf(before.index.state, after.index.state);
    const plan = planOf(before.index.state, after.index.state, NOW);
    const lost = plan.access.filter(({ effect }) => effect === 'revoke');
    const naming = namingOf({ changes: [], access: lost });
    const words = ['POLICY_NOT_MET: kim has for duty doctor and nurse, and policy duties lets it have one'];
    expect(lost.map((change) => speakLoss(change, naming))).toEqual(words);
    const saved = lost.map((change) => accessFromJson(JSON.parse(JSON.stringify(accessToJson(change, places)))));
    expect(saved.map((change) => speakLoss(change, naming))).toEqual(words);
  });

  it('a picture holds none of them', () => {
    const [asker] = [{ client: questionOf({}).client, user: clinicUser('kim'), grant_type: 'authorization_code' }];
    const { steps } = answerOf(after.index, asker, applicationAddress('Clinic', 'records'), NOW);
    const words = steps.map(pictureWords);
    expect(words).toContain('Clinic/kim has a value for duty by policy Clinic/duties');
    expect(words.join()).not.toMatch(/= ?(doctor|nurse)/);
  });
});

it('a user without a method for the client is told in full, and its loss in the same verb', () => {
  const before = clinic((text) => text.replace('sue: { methods: [sms] }', 'sue: { methods: [pw, sms] }'));
  const after = clinic();
  const words = 'sue lists no method by which web serves authorization_code';
  expect(said(after, { user: 'sue' })[1]).toMatch(`✗ ${words}  `);
  const lossesTo = (from: World, to: World) => {
    const { access } = planOf(from.index.state, to.index.state, NOW);
    const lost = access.filter(({ effect, users }) => effect === 'revoke' && users?.users.includes(clinicUser('sue')));
    return lost.map((change) => speakLoss(change, namingOf({ changes: [], access: lost })));
  };
  expect(new Set(lossesTo(before, after))).toEqual(new Set(['METHOD_NOT_ON_USER: sue no longer lists pw']));
});

describe('access that begins later', () => {
  it('is told with the time from which it is there', () => {
    expect(said(clinic(), { user: 'lou' })).toEqual([
      '✗ web gets no token by authorization_code for lou (USER_NOT_ACTIVE)',
      '✗ lou begins on 2030-01-01  spec.yaml:23:37',
      'As the spec is, it is given from 2030-01-01 on',
      'This would allow it',
      'remove not_before 2030-01-01 of lou  spec.yaml:23:37',
    ]);
    expect(canDo(clinic(), 'lou')).toEqual([
      'user lou, in no group  spec.yaml:23:3',
      'No client acts as lou',
      'Clients that lou may log in to',
      '✓ web  by authorization_code: itself alone; scope write; from 2030-01-01 on',
    ]);
  });

  it('is in the JSON of an answer', () => {
    const world = clinic();
    const explanation = explain(world, questionOf({ user: 'lou' }), NAMING, { withEdits: false });
    expect(answerToJson({ kind: 'explain', explanation }, world)).toMatchObject({
      grants: [
        {
          granted: false,
          from: '2030-01-01T00:00:00.000Z',
          targets: [{}, { value: 'write', from: '2030-01-01T00:00:00.000Z' }, {}],
        },
      ],
    });
    const answer = whatCan(world, clinicUser('lou'), { ip: undefined }, NAMING);
    expect(answerToJson({ kind: 'what-can', answer, ip: undefined }, world)).toMatchObject({
      user: { logins: [{ client_id: 'web', from: '2030-01-01T00:00:00.000Z' }], closed: 0 },
    });
  });
});

describe('a scope that somebody obtains against a test', () => {
  const world = clinic();
  const naming = { relation: 'may_ask_for', to: 'scope:write', at: { pointer: '/metadata/scope' } };

  it('is told by the naming of the scope first, of an invariant and of a request', () => {
    const request = {
      ...questionOf({ user: 'kim' }),
      grant_type: 'authorization_code',
      scope: ['write'],
      time: undefined,
    };
    const [denied] = judgeTest({ kind: 'deny', request, reason: undefined }, world.index, NOW);
    expect(denied?.chain[0]).toMatchObject(naming);
    const [invariant] = judgeTest(never({ scope: 'write' }).assertion, world.index, NOW);
    expect(invariant?.chain[0]).toMatchObject(naming);
    // An audience is a scope too, and is told once.
    const [audience] = judgeTest(never({ scope: 'records' }).assertion, world.index, NOW);
    expect(audience?.chain.filter(({ relation }) => relation === 'may_ask_for')).toHaveLength(1);
  });
});
