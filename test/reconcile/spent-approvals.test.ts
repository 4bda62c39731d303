// An approval of the spec counts once, and again when somebody gives it anew or resumes what was rolled back.

import { describe, expect, it } from 'vitest';
import { type Approval, formatApproval, parseApproval } from '../../src/model/approval.ts';
import { approvalOf, unapproved } from '../../src/plan/approving.ts';
import type { Revision } from '../../src/plan/port.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import type { Declared } from '../../src/reconcile/load.ts';
import { type PlanOptions, planAgainst } from '../../src/reconcile/plan-against.ts';
import { spentApprovals } from '../../src/reconcile/spent-approvals.ts';
import { compile } from '../../src/spec/compile.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

const TEXT = 'deletes:A@0123456789abcdef';
const BY_HAND = parseApproval(TEXT) as Approval;
const at = { line: 4, column: 1, offset: 0 };
const LINE: Approval = { ...BY_HAND, range: { file: 'a.yaml', start: at, end: at } };

/**
 * A revision for each word: `.` an apply while the line stood in the spec, `-` one without it, `?` one of which that is not
 * known, `A` one that used it, `H` one that used it by hand, a number a rollback, `=N` one that changed nothing.
 */
function revisionsOf(words: string): readonly Revision[] {
  let digest = 0;
  return words.split(' ').map((word, position) => {
    if (!word.startsWith('=')) digest += 1;
    const rollbackTo = /\d/.test(word) ? Number(word.replace('=', '')) : undefined;
    return {
      generation: position + 1,
      digest: String(digest),
      appliedAt: 0,
      commit: undefined,
      author: undefined,
      secrets: [],
      summary: { add: 0, change: 0, move: 0, delete: 0, access_added: 0, access_removed: 0 },
      approvals: word === 'A' || word === 'H' ? [TEXT] : [],
      standing: word === '.' || word === 'A' ? [TEXT] : word === '-' || word === 'H' ? [] : undefined,
      rollbackTo,
    };
  });
}

async function spentIn(words: string, resumed: readonly number[] = [], approval = LINE) {
  const newestFirst = [...revisionsOf(words)].reverse();
  const store = { revisions: async (limit: number) => newestFirst.slice(0, limit), resumed: async () => resumed };
  const [found] = await spentApprovals(store, [approval], newestFirst.length);
  return found === undefined ? undefined : [found.used, found.rollback];
}

describe('the use of an approval', () => {
  it.each([
    ['was never', '. .', undefined],
    ['spends it', '. A .', [2, undefined]],
    ['is told as undone by a rollback behind it', '. A 1', [2, 3]],
    ['is so though others applied something since, on either side', '. A . . 1 . .', [2, 5]],
    ['is not undone by a rollback that stops short of it', '. A . 2', [2, undefined]],
    ['is the last one', '. A 1 A', [4, undefined]],
    ['is undone where the last one is', '. A . A 3', [4, 5]],
    ['is undone by the first of two rollbacks', '. A . 1 . 3 1', [2, 4]],
    ['is not undone by a rollback that changed nothing', '. A . =1', [2, undefined]],
    ['spends it though nobody knows what stood there since', '. A ? ?', [2, undefined]],
    ['spends no line that was removed since, and lands again', '. A -', undefined],
    ['spends no line that stood nowhere then', '. H .', undefined],
    ['spends none that was removed after a rollback', '. A 1 -', undefined],
    ['spends one that stayed through a rollback', '. A 1 .', [2, 3]],
  ])('%s: %s', async (_, words, expected) => {
    expect(await spentIn(words)).toEqual(expected);
  });

  it('by hand spends what was saved with a plan, whatever stood in a spec', async () => {
    expect(await spentIn('. H -', [], BY_HAND)).toEqual([2, undefined]);
    expect(await spentIn('. A 1 -', [], BY_HAND)).toEqual([2, 3]);
  });

  it('does not spend it when its rollback is resumed, and does when only one of two is', async () => {
    expect(await spentIn('. A 1', [3])).toBeUndefined();
    expect(await spentIn('. . A 2 1', [4, 5])).toBeUndefined();
    expect(await spentIn('. . A 2 1', [4])).toEqual([3, 5]);
  });
});

function spec(users: string, approvals: readonly string[] = []): Declared {
  const text = `
server: { issuer: "http://localhost:8080" }
methods: { cc: { type: client_credentials } }
${approvals.length === 0 ? '' : `approvals: [${approvals.join(', ')}]`}
---
site: A
methods: [cc]
users: { ${users} }
groups: { G: { methods: [cc] } }
`;
  const checked = compile([{ path: 'a.yaml', text }]);
  if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
  return checked.value;
}

const MANY = 'U: , V: , W: , X: ';

async function plan(store: MemoryStore, target: Declared, options: Partial<PlanOptions> = {}) {
  const planned = await planAgainst(store, target, { now: 0, ...options });
  return { ...planned, open: unapproved(planned.plan.risks).map((risk) => formatApproval(approvalOf(risk))) };
}

async function apply(store: MemoryStore, target: Declared, rollbackTo?: number): Promise<void> {
  const planned = await plan(store, target);
  const ports = { directories: [], store, clock: () => 0, commitOf: async () => ({}) };
  const rollback = rollbackTo === undefined ? {} : { rollbackTo };
  await applyPlan(ports, {
    plan: planned.plan,
    declared: target,
    verifiers: [],
    standing: rollbackTo === undefined ? target.approvals : undefined,
    ...rollback,
  });
}

/** Three users were deleted with an approval of the spec, and are back. Answers the approval. */
async function rolledBack(store: MemoryStore): Promise<string> {
  await apply(store, spec(MANY));
  const [text = ''] = (await plan(store, spec('U:'))).open;
  await apply(store, spec('U:', [text]));
  expect((await store.revisions(1))[0]?.approvals).toEqual([text]);
  await apply(store, spec(MANY), 1);
  return text;
}

describe('a plan of what an approval let pass before', () => {
  it('does not take the line that stands in the spec for consent to do it again', async () => {
    const store = createMemoryStore();
    await apply(store, spec(MANY));
    const [text = ''] = (await plan(store, spec('U:'))).open;
    await apply(store, spec('U:', [text]));
    expect((await plan(store, spec('U:', [text]))).warnings).toMatchObject([{ code: 'approval.unused' }]);
    await apply(store, spec(MANY, [text]));
    const { open, warnings } = await plan(store, spec('U:', [text]));
    expect(open).toEqual([text]);
    expect(warnings).toMatchObject([
      {
        code: 'approval.spent',
        range: { start: { line: 4 } },
        detail: expect.stringMatching(/was used by generation 2$/),
      },
    ]);
    const approvals = [parseApproval(text) as Approval];
    expect(await plan(store, spec('U:', [text]), { approvals })).toMatchObject({ open: [], warnings: [] });
  });
});

describe('a plan after a rollback', () => {
  it('does not take the line that stands in the spec for consent, and says at it why', async () => {
    const store = createMemoryStore();
    const text = await rolledBack(store);
    for (const users of ['U:', 'U: , Y: ']) {
      const { open, warnings } = await plan(store, spec(users, [text]));
      expect(open).toEqual([text]);
      expect(warnings).toMatchObject([
        {
          code: 'approval.spent',
          range: { start: { line: 4 } },
          detail: expect.stringContaining('was used by generation 2, which generation 3 has undone'),
          help: expect.stringContaining(`charter approve ${text}`),
        },
      ]);
    }
  });

  it('takes an approval that somebody gives for it, and without a warning', async () => {
    const store = createMemoryStore();
    const text = await rolledBack(store);
    const approvals = [parseApproval(text) as Approval];
    expect(await plan(store, spec('U: , Y: ', [text]), { approvals })).toMatchObject({ open: [], warnings: [] });
  });

  it('takes a line that was removed meanwhile and lands again: it was reviewed again', async () => {
    const store = createMemoryStore();
    const text = await rolledBack(store);
    await apply(store, spec(`${MANY}, Y: `));
    expect(await plan(store, spec('U: , Y: ', [text]))).toMatchObject({ open: [], warnings: [] });
  });

  it('takes the line again after a resume', async () => {
    const store = createMemoryStore();
    const text = await rolledBack(store);
    await store.resume();
    expect(await plan(store, spec('U: , Y: ', [text]))).toMatchObject({ open: [], warnings: [] });
  });

  it('forgets a resume with the next apply of something else', async () => {
    const store = createMemoryStore();
    const text = await rolledBack(store);
    await store.resume();
    await apply(store, spec(`${MANY}, Y: `, [text]));
    expect((await plan(store, spec('U: , Y: ', [text]))).open).toEqual([text]);
  });

  it('takes what was given by hand for a saved plan, if the plan is younger than the rollback', async () => {
    const store = createMemoryStore();
    const text = await rolledBack(store);
    const approvals = [parseApproval(text) as Approval];
    const given = (generation: number) => plan(store, spec('U:'), { earlier: { approvals, generation } });
    expect((await given(1)).open).toEqual([text]);
    expect((await given(3)).open).toEqual([]);
  });
});
