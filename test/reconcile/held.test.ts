// What a loop holds, leaves alone and mends, and what it tells of it.

import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { formatApproval, parseApproval } from '../../src/model/approval.ts';
import { approvalOf } from '../../src/plan/approving.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { movesBack, stateAt } from '../../src/reconcile/history.ts';
import { planAgainst } from '../../src/reconcile/plan-against.ts';
import { compile } from '../../src/spec/compile.ts';
import { eventually, write } from './directory.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { edit, open, setUp, spec, started } from './reconciler.ts';

type Setup = ReturnType<typeof setUp>;

const EXTRA = ['Ann', 'Ben', 'Cleo'];

function withUsers(names: readonly string[], approvals: readonly string[] = []): string {
  const users = names.map((name) => `  ${name}: { methods: [cc] }\n`).join('');
  const lines = approvals.length === 0 ? '' : `approvals: [${approvals.join(', ')}]\n`;
  return `${spec('User1').replace('---\n', `${lines}---\n`)}${users}`;
}

/** What waits for an approval, as it is written. */
function held(setup: Setup): readonly string[] {
  const refusal = setup.loop.status().lastPass?.refusal;
  return setup.loop.status().degraded && refusal?.reason === 'risks'
    ? refusal.held.plan.risks.map((risk) => formatApproval(approvalOf(risk)))
    : [];
}

/** As `charter rollback` does it. */
async function rollBack({ store }: Setup, to: number): Promise<void> {
  const [newest] = await store.revisions(1);
  const moves = await movesBack(store, { from: newest?.generation ?? 0, to });
  const target = {
    state: await stateAt(store, to),
    origins: new Map(),
    moves,
    tests: [],
    approvals: [],
    waivers: [],
  };
  const { plan } = await planAgainst(store, target, { now: 0 });
  const ports = { directories: [], store, clock: () => 0, commitOf: async () => ({}) };
  await applyPlan(ports, { plan, declared: target, verifiers: [], standing: undefined, rollbackTo: to });
}

describe('a held plan', () => {
  it('is no error, and told with the warnings of its spec', async () => {
    const setup = setUp();
    await started(setup, withUsers(EXTRA));
    const event = await edit(setup, withUsers([], ['deletes:Example@0123456789abcdef']));
    expect(event).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'risks', held: { warnings: [{ code: 'approval.unused' }] } },
    });
    expect(setup.loop.status().lastPass).toMatchObject({ outcome: 'refused', errors: 0, warnings: 1 });
  });

  it('is left alone once another process applies something, which is served: it undoes nothing that came since', async () => {
    const setup = setUp();
    await started(setup, withUsers(EXTRA));
    await edit(setup, withUsers([]));
    const [before = ''] = held(setup);
    expect(before).toMatch(/^deletes:Example@/);
    const dan: Address = 'user:Example/Dan';
    setup.store.intrude((entities) => entities.set(dan, { kind: 'user', sub: 'Example/Dan' }));
    setup.loop.hint();
    await setup.loop.idle();
    expect(setup.loop.current()).toMatchObject({ generation: 2 });
    expect(setup.loop.current()?.state.get(dan)).toMatchObject({ sub: 'Example/Dan' });
    expect(setup.loop.status().lastPass?.refusal).toMatchObject({ reason: 'overtaken', generation: 2 });
    const approval = parseApproval(before);
    if (approval === undefined) throw new Error('nothing was held');
    expect(await setup.loop.approve(approval)).toEqual({ outcome: 'nothing-held' });
    expect(setup.loop.current()?.generation).toBe(2);

    // With the next edit it is planned on what is there now, by what it deletes now.
    await edit(setup, withUsers(['Eve']));
    const [after = ''] = held(setup);
    expect(after).toMatch(/^deletes:Example@/);
    expect(after).not.toBe(before);
    const risk = parseApproval(after);
    if (risk === undefined) throw new Error('nothing is held');
    expect(await setup.loop.approve(risk)).toEqual({ outcome: 'applied', generation: 3 });
  });

  it('goes on waiting while only secrets are recorded', async () => {
    const setup = setUp();
    await started(setup, withUsers(EXTRA));
    await edit(setup, withUsers([]));
    await setup.store.replaceVerifiers(await setup.store.verifiers(), { appliedAt: 0 });
    await setup.loop.reload();
    const [before = ''] = held(setup);
    const risk = parseApproval(before);
    if (risk === undefined) throw new Error('nothing is held');
    expect(await setup.loop.approve(risk)).toMatchObject({ outcome: 'applied' });
  });
});

describe('after a rollback', () => {
  async function undone(): Promise<{ readonly setup: Setup; readonly approval: string }> {
    const setup = setUp();
    await started(setup, withUsers(EXTRA));
    await edit(setup, withUsers([]));
    const [approval = ''] = held(setup);
    await edit(setup, withUsers([], [approval]));
    expect(setup.loop.current()?.generation).toBe(2);
    await rollBack(setup, 1);
    await setup.loop.reload();
    expect(setup.loop.status()).toMatchObject({
      degraded: true,
      serving: { generation: 3 },
      lastPass: { errors: 0, refusal: { reason: 'undone' } },
    });
    return { setup, approval };
  }

  it('an unrelated edit does not bring back what was undone: its line approves no more', async () => {
    const { setup, approval } = await undone();
    const event = await edit(setup, withUsers(['Eve'], [approval]));
    expect(event).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'risks', held: { warnings: [{ code: 'approval.spent' }] } },
    });
    expect(held(setup)).toEqual([approval]);
    expect(setup.loop.current()?.state.has('user:Example/Ann')).toBe(true);

    const digest = approval.slice(-16);
    expect(await setup.loop.approve({ risk: 'deletes', subject: 'Example', digest })).toMatchObject({
      outcome: 'applied',
    });
    expect(setup.loop.current()?.state.has('user:Example/Ann')).toBe(false);
    expect((await setup.store.revisions(1))[0]?.approvals).toEqual([approval]);
  });

  it('charter resume applies the spec again, with the approval that stands in it', async () => {
    const { setup } = await undone();
    await setup.store.resume();
    await setup.loop.reload();
    expect(setup.loop.status()).toMatchObject({ degraded: false, serving: { generation: 4 } });
    expect(setup.loop.current()?.state.has('user:Example/Ann')).toBe(false);
  });
});

describe('drift', () => {
  it('that the loop mends is told, with the entities that something else had changed', async () => {
    const setup = setUp();
    await started(setup);
    setup.store.tamper((entities) => {
      entities.set('user:Example/Intruder', { kind: 'user', sub: 'Intruder' });
      entities.delete('user:Example/User2');
    });
    await edit(setup, withUsers(['Ann']));
    expect(setup.kinds()).toEqual(['published', 'published', 'mended']);
    const event = setup.events.at(-1);
    expect(event).toMatchObject({ kind: 'mended', generation: 2 });
    const changes = event?.kind === 'mended' ? event.drift.changes : [];
    expect(changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'create user:Example/Intruder',
      'delete user:Example/User2',
    ]);
    expect((await setup.store.revisions(1))[0]?.summary).toMatchObject({ add: 1, delete: 0, mended: 2 });
    expect((await setup.store.read())?.state.has('user:Example/User2')).toBe(true);
    await edit(setup, withUsers(['Ann', 'Ben']));
    expect(setup.kinds()).toEqual(['published', 'published', 'mended', 'published']);
    expect((await setup.store.revisions(1))[0]?.summary).not.toHaveProperty('mended');
  });

  it('is mended and told at a start that has nothing else to do', async () => {
    const first = setUp();
    await started(first);
    await first.loop.close();
    first.store.tamper((entities) => entities.delete('user:Example/User2'));
    const setup = setUp({ directory: first.directory, memory: first.store });
    expect((await setup.loop.start(open)).serving?.generation).toBe(2);
    expect(setup.kinds()).toEqual(['published', 'mended']);
  });
});

describe('an edit', () => {
  const patient = { debounceMs: 200, pollMs: 1_000_000, lookMs: 1_000_000 };

  /** Events come by now, and what they may have missed was looked for. */
  async function watching(setup: Setup): Promise<void> {
    await started(setup);
    await eventually(() => expect(setup.loop.status().watching).toBe('events'));
    await setup.loop.idle();
  }

  it('is compiled while it is waited for quiet, and once', async () => {
    const compiled: number[] = [];
    const setup = setUp({
      watch: patient,
      compile(files, options) {
        compiled.push(performance.now());
        return compile(files, options);
      },
    });
    await watching(setup);
    compiled.length = 0;
    await edit(setup, withUsers(['Ann']));
    expect(compiled).toHaveLength(1);
    expect(performance.now() - (compiled[0] ?? 0)).toBeGreaterThan(100);
  });

  it('that is half written for longer than a compile takes is told of and served as a whole', async () => {
    const setup = setUp({ watch: patient });
    await watching(setup);
    write(setup.directory, { 'charter.yaml': withUsers(['Ann', 'Ben']).slice(0, -20) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await edit(setup, withUsers(['Ann', 'Ben']));
    expect(setup.kinds()).toEqual(['published', 'published']);
    expect(setup.loop.current()?.state.has('user:Example/Ben')).toBe(true);
  });
});

describe('what is known of the store', () => {
  it('is what was applied last: the store is not read for an edit, and is where somebody else has applied something', async () => {
    const memory = createMemoryStore();
    let reads = 0;
    const read: MemoryStore['read'] = () => {
      reads += 1;
      return memory.read();
    };
    const counting = Object.assign(Object.create(memory), { read });
    const setup = setUp({ memory: counting });
    await started(setup);
    const before = reads;
    await edit(setup, withUsers(['Ann']));
    await edit(setup, withUsers(['Ann', 'Ben']));
    expect(reads).toBe(before);
    const known = await memory.read();
    expect(setup.loop.current()).toMatchObject({ generation: 3, digest: known?.digest, since: known?.since });
    memory.intrude();
    await edit(setup, withUsers(['Ben']));
    expect(reads).toBeGreaterThan(before);
    expect([...((await memory.read())?.state ?? [])]).toEqual([...(setup.loop.current()?.state ?? [])]);
  });

  it('is sent to the store as far as it is new: where nothing else was written, the places of what changed', async () => {
    const setup = setUp();
    await started(setup);
    const whole = setup.store.applied[0]?.origins.size ?? 0;
    await edit(setup, withUsers(['Ann']));
    expect(setup.store.applied.map(({ sequel }) => sequel)).toEqual(['first', 'next']);
    // The spec is so small that it is compiled as a whole: all places are new.
    expect(setup.store.applied[1]?.origins.size).toBe(whole + 1);
  });
});

describe('what another process applied', () => {
  it('is not applied over where it is what the spec says', async () => {
    const setup = setUp();
    await started(setup);
    const text = withUsers(['Ann']);
    setup.store.intrude((entities) =>
      entities.set('user:Example/Ann', { kind: 'user', sub: 'Example/Ann', methods: ['cc'] }),
    );
    const event = await edit(setup, text);
    expect(event).toMatchObject({ kind: 'note', message: expect.stringContaining('It is what the spec says') });
    expect(setup.events.every((one) => one.kind !== 'note' || !one.message.includes('applied over it'))).toBe(true);
    expect(setup.store.applied).toHaveLength(1);
    expect(setup.loop.status()).toMatchObject({ degraded: false, serving: { generation: 2 } });
  });
});
