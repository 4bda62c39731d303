// What is said of approvals and moves only when a spec is planned.

import { describe, expect, it } from 'vitest';
import type { Approval } from '../../src/model/approval.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { approvalsOfNothing, planWarnings } from '../../src/reconcile/plan-warnings.ts';
import { compile } from '../../src/spec/compile.ts';
import { planOf } from '../plan/make.ts';

const SPEC = `
server: { issuer: "http://localhost:8080" }
methods: { cc: { type: client_credentials } }
---
site: A
methods: [cc]
users: { U: , V: , W: , X: }
groups: { G: { methods: [cc], members: [U, V, W, X] } }
`;

function compiled(text: string) {
  const checked = compile([{ path: 'a.yaml', text }]);
  if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
  return checked.value;
}

const before = compiled(SPEC).state;

/** The warnings of a plan to the spec, each as its code and line. */
function warningsOf(text: string, from: State = before, base: Partial<Plan> = {}): string[] {
  const declared = compiled(text);
  const plan = { ...planOf(from, declared.state, 0, [], declared.moves), ...base };
  return planWarnings(plan, from, declared).map(({ code, range }) => `${code}:${range?.start.line}`);
}

const withServer = (lines: string) => SPEC.replace('methods: { cc', `${lines}\nmethods: { cc`);
const few = (text: string) => text.replace(', V: , W: , X:', '').replace(', V, W, X', '');

describe('approval.unused', () => {
  const planned = planOf(before, compiled(few(SPEC)).state);
  const [risk] = planned.risks;
  const text = `${risk?.kind}:${risk?.subject}@${risk?.digest}`;

  it('is told of an approval that matches no risk, at its line', () => {
    expect(warningsOf(withServer('approvals: [deletes:A@0123456789abcdef]'))).toEqual(['approval.unused:3']);
  });

  it('is told of one with the digest of other changes, and not of the one that matches', () => {
    expect(risk?.kind).toBe('deletes');
    expect(warningsOf(few(withServer(`approvals: [${text}]`)))).toEqual([]);
    const both = `approvals:\n- ${text}\n- deletes:A@0123456789abcdef`;
    expect(warningsOf(few(withServer(both)))).toEqual(['approval.unused:5']);
  });

  it('is not told where the base is no store, of risks that only a store shows', () => {
    const approvals = 'approvals: [live-tokens:A/C@0123456789abcdef, older-commit:abc@0123456789abcdef]';
    expect(warningsOf(withServer(approvals))).toEqual(['approval.unused:3', 'approval.unused:3']);
    const base = { base: { kind: 'dir' as const, path: 'other', digest: '' } };
    expect(warningsOf(withServer(approvals), before, base)).toEqual([]);
    const given: readonly Approval[] = [
      { risk: 'live-tokens', subject: 'A/C', digest: '0123456789abcdef' },
      { risk: 'deletes', subject: 'A', digest: '0123456789abcdef' },
    ];
    expect(approvalsOfNothing({ ...base, risks: [] }, given).map(({ risk: kind }) => kind)).toEqual(['deletes']);
  });

  it('is waived as other warnings are', () => {
    const lint = 'lint: { allow: [{ code: approval.unused, reason: it comes with the next change }] }';
    const text = withServer('approvals: [deletes:A@0123456789abcdef]').replace('8080" }', `8080", ${lint} }`);
    expect(warningsOf(text)).toEqual([]);
  });
});

describe('moved.unknown', () => {
  const renamed = `${SPEC.replace('G: {', 'H: {')}moved: [{ from: group:G, to: H }]\n`;

  it('is told of a move of which neither name was ever applied', () => {
    expect(warningsOf(renamed.replace('group:G', 'group:Gruop'))).toEqual(['moved.unknown:9']);
  });

  it('is not told of one that is followed, of one that was followed once, and in an empty base', () => {
    expect(warningsOf(renamed)).toEqual([]);
    expect(warningsOf(renamed, compiled(renamed).state)).toEqual([]);
    expect(warningsOf(renamed.replace('group:G', 'group:Gruop'), EMPTY_STATE)).toEqual([]);
  });

  it('is told of every kind of base, with the name that may have been meant and the identity that was written with it', () => {
    const told = (text: string, base: Partial<Plan>) => {
      const declared = compiled(text);
      const plan = { ...planOf(before, declared.state, 0, [], declared.moves), ...base };
      return planWarnings(plan, before, declared).map(({ detail, help }) => `${detail}. ${help}`);
    };
    const misspelt = `${SPEC.replace('U: , V', 'Y: { sub: A/Uu }, V').replace('[U, V', '[Y, V')}moved: [{ from: Uu, to: Y }]\n`;
    const digest = '';
    for (const base of [
      { kind: 'store', generation: 7, digest },
      { kind: 'ref', ref: 'main', commit: 'a'.repeat(40), digest },
      { kind: 'dir', path: 'old', digest },
    ] as const) {
      expect(told(misspelt, { base })).toEqual([
        'nothing was called user A/Uu before, nor A/Y: this entry is not followed. ' +
          'Did you mean "U"? As it stands, U is deleted and Y is new. Correct sub: A/Uu at Y with it, or remove it.',
      ]);
    }
    expect(told(renamed.replace('group:G', 'group:Other'), {})).toEqual([
      'nothing was called group A/Other before, nor A/H: this entry is not followed. ' +
        'Correct from, if H was called otherwise; remove the entry, if it is new.',
    ]);
  });

  it('stands behind what comes before it in the spec', () => {
    const both = renamed
      .replace('group:G', 'group:Gruop')
      .replace('methods:', 'approvals: [deletes:A@0123456789abcdef]\nmethods:');
    expect(warningsOf(both)).toEqual(['approval.unused:3', 'moved.unknown:10']);
  });
});

describe('moved.taken', () => {
  const twice = SPEC.replace('groups: {', 'groups: { H: ,');
  const moved = `${SPEC.replace('G: {', 'H: {')}moved: [{ from: group:G, to: H }]\n`;

  it('is told of every kind of base in which the new name is, with the way to mend it', () => {
    const { state } = compiled(twice);
    const declared = compiled(moved);
    const digest = '';
    for (const base of [
      { kind: 'store', generation: 7, digest },
      { kind: 'ref', ref: 'main', commit: 'a'.repeat(40), digest },
      { kind: 'dir', path: 'old', digest },
    ] as const) {
      const plan = { ...planOf(state, declared.state, 0, [], declared.moves), base };
      const told = planWarnings(plan, state, declared);
      expect(told.map(({ code, range, detail, help }) => [code, range?.start.line, `${detail}. ${help}`])).toEqual([
        [
          'moved.taken',
          9,
          'group A/H was there before as well: this entry is not followed, and A/G is deleted. Rename in two steps: first ' +
            'an apply in which H is gone or has another name, then this one; or give G another name. If it is to be ' +
            'deleted, remove the entry.',
        ],
      ]);
    }
  });

  it('names what goes on under the new name, and the identity that is to be removed with the entry', () => {
    const users = (names: string, more = '') =>
      `${SPEC.replace('U: , V: , W: , X:', names).replace('[U, V, W, X]', '[]')}${more}`;
    const { state } = compiled(users('U: , V:'));
    const chain = compiled(users('W: { sub: A/U }', 'moved: [{ from: U, to: V }, { from: V, to: W }]\n'));
    const plan = planOf(state, chain.state, 0, [], chain.moves);
    expect(planWarnings(plan, state, chain).map(({ detail, help }) => `${detail}. ${help}`)).toEqual([
      'user A/W is what was A/U: this entry is not followed, and A/V is deleted. Give V another name. If it is to ' +
        'be deleted, remove the entry.',
    ]);
    const one = compiled(users('V: { sub: A/U }', 'moved: [{ from: U, to: V }]\n'));
    const [told] = planWarnings(planOf(state, one.state, 0, [], one.moves), state, one);
    expect(told?.help).toMatch(/remove the entry and sub: A\/U at V\.$/);
  });

  it('is waived as other warnings are, and not told in an empty base', () => {
    expect(warningsOf(moved, EMPTY_STATE)).toEqual([]);
    const lint = 'lint: { allow: [{ code: moved.taken, reason: it was meant }] }';
    expect(warningsOf(moved.replace('8080" }', `8080", ${lint} }`), compiled(twice).state)).toEqual([]);
  });
});
