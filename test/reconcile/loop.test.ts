import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { compile } from '../../src/spec/compile.ts';
import { eventually, mountVersion, replaceAtomically, temporary, write } from './directory.ts';
import { createMemoryStore } from './memory-store.ts';
import { CLIENT, edit, open, SECRET, setUp, spec, started } from './reconciler.ts';

describe('the first pass', () => {
  it('applies the spec with commit and author, and publishes the generation that was recorded', async () => {
    const setup = setUp();
    const snapshot = await started(setup);
    expect(snapshot.generation).toBe(1);
    expect(setup.store.applied).toHaveLength(1);
    expect(setup.store.applied[0]).toMatchObject({ commit: 'c0ffee', author: 'Ada <ada@example.com>', verifiers: [] });
    expect(setup.loop.current()).toBe(snapshot);
    expect(snapshot.since.get(CLIENT)).toBe(1);
    expect(await setup.checker.recognise(SECRET, snapshot.verifiers.get(CLIENT) ?? [])).toBeDefined();
    expect(snapshot.verifiers.get(CLIENT)?.[0]?.kind).toBe('keyed');
    expect(setup.kinds()).toEqual(['published']);
    await eventually(() =>
      expect(setup.loop.status()).toMatchObject({ degraded: false, files: 1, watching: 'events' }),
    );
  });

  it('opens the listeners before anything is applied; when that fails, nothing is', async () => {
    const setup = setUp();
    write(setup.directory, { 'charter.yaml': spec('User1') });
    const failure = new Failure('listen_failed', 'in use');
    await expect(
      setup.loop.start(async () => {
        expect(setup.loop.current()).toBeUndefined();
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(setup.store.applied).toEqual([]);
  });

  it('serves nothing and says why when the spec is invalid and the store is empty', async () => {
    const setup = setUp();
    write(setup.directory, { 'charter.yaml': 'server: {' });
    const start = await setup.loop.start(async () => expect.unreachable());
    expect(start).toMatchObject({ serving: undefined, refusal: { reason: 'spec' } });
  });

  it('refuses the store of another issuer, whatever the store could serve', async () => {
    const first = setUp();
    await started(first);
    const setup = setUp({ memory: first.store });
    write(setup.directory, { 'charter.yaml': spec('User1', undefined, 'http://localhost:9090/other') });
    await expect(setup.loop.start(async () => expect.unreachable())).rejects.toMatchObject({
      code: 'store_other_issuer',
    });
    expect(first.store.applied).toHaveLength(1);
  });

  it.each([
    ['an invalid spec', 'server: {', {}, 'spec'],
    ['a missing secret', spec('User2'), {}, 'secrets'],
  ])('serves the last generation of the store, degraded, for %s', async (_, text, env, reason) => {
    const first = setUp();
    await started(first);
    const setup = setUp({ memory: first.store, env });
    write(setup.directory, { 'charter.yaml': text });
    let issuer = '';
    const start = await setup.loop.start(async (server) => {
      issuer = server.issuer;
    });
    expect(start).toMatchObject({ serving: { generation: 1 }, degraded: { reason } });
    expect(issuer).toBe('http://localhost:8080/uas');
    expect(setup.loop.status().degraded).toBe(true);
    // Nobody resolved the secret here: the stored verifier answers.
    const verifiers = start.serving?.verifiers.get(CLIENT) ?? [];
    expect(verifiers[0]?.kind).toBe('argon2id');
    expect(await setup.checker.recognise(SECRET, verifiers)).toBeDefined();
    expect(await setup.checker.recognise('other', verifiers)).toBeUndefined();
  });

  it('a value that was replaced while nothing served decides, not its stored verifier', async () => {
    const first = setUp();
    await started(first);
    const setup = setUp({ memory: first.store, env: { CLIENT1_SECRET: 'another-horse-battery-staple' } });
    write(setup.directory, { 'charter.yaml': 'server: {' });
    const { serving } = await setup.loop.start(open);
    const verifiers = serving?.verifiers.get(CLIENT) ?? [];
    expect(await setup.checker.recognise('another-horse-battery-staple', verifiers)).toBeDefined();
    expect(await setup.checker.recognise(SECRET, verifiers)).toBeUndefined();
  });

  it('a secret file that changes is followed while the spec cannot be used', async () => {
    const setup = setUp();
    const inFile = spec('User1', '{ file: client1 }');
    write(setup.directory, { client1: 'the-first-value-of-all-values' });
    await started(setup, inFile);
    write(setup.directory, { 'charter.yaml': `${inFile}\nsite: [` });
    setup.loop.hint();
    await setup.loop.idle();
    expect(setup.loop.status().degraded).toBe(true);
    write(setup.directory, { client1: 'the-second-value-of-all-values' });
    setup.loop.hint();
    await setup.loop.idle();
    const verifiers = setup.loop.current()?.verifiers.get(CLIENT) ?? [];
    expect(await setup.checker.recognise('the-second-value-of-all-values', verifiers)).toBeDefined();
    expect(await setup.checker.recognise('the-first-value-of-all-values', verifiers)).toBeUndefined();
    expect(setup.loop.status()).toMatchObject({ degraded: true, serving: { generation: 2 } });
  });

  it('a secret that nobody knew at a degraded start is taken when it comes', async () => {
    const memory = createMemoryStore();
    const first = setUp({ memory });
    const inFile = spec('User1', '{ file: client1 }');
    write(first.directory, { client1: 'the-first-value-of-all-values' });
    await started(first, inFile);
    await first.loop.close();
    const withoutVerifiers = { ...memory, verifiers: async () => [] };
    const setup = setUp({ memory: withoutVerifiers });
    write(setup.directory, { 'charter.yaml': 'server: {' });
    await setup.loop.start(open);
    expect(setup.loop.current()?.verifiers.get(CLIENT)).toBeUndefined();
    write(setup.directory, { client1: 'the-second-value-of-all-values' });
    setup.loop.hint();
    await setup.loop.idle();
    const verifiers = setup.loop.current()?.verifiers.get(CLIENT) ?? [];
    expect(await setup.checker.recognise('the-second-value-of-all-values', verifiers)).toBeDefined();
  });

  it('a refusal for a time without a secret ends with that time, without an edit', async () => {
    let now = Date.parse('2026-06-01T12:00:00Z');
    const setup = setUp({ clock: () => now });
    await started(setup);
    const later = spec('User1').replace(
      'secret: { env: CLIENT1_SECRET }',
      'secrets: [{ env: CLIENT1_SECRET, not_before: 2026-06-01T13:00:00Z }]',
    );
    await edit(setup, later);
    expect(setup.loop.status().degraded).toBe(true);
    now = Date.parse('2026-06-01T13:00:00Z');
    setup.loop.hint();
    await setup.loop.idle();
    expect(setup.loop.status()).toMatchObject({ degraded: false, serving: { generation: 2 } });
  });

  it('goes on from a degraded start when the spec is mended, without a restart', async () => {
    const first = setUp();
    await started(first);
    const setup = setUp({ memory: first.store });
    write(setup.directory, { 'charter.yaml': 'server: {' });
    await setup.loop.start(open);
    expect(await edit(setup, spec('User2'))).toMatchObject({ kind: 'published', recovered: true });
    expect(setup.loop.current()?.generation).toBe(2);
    expect(setup.loop.status().degraded).toBe(false);
  });
});

describe('an edit', () => {
  it('becomes a generation, and entities that it does not touch keep their since', async () => {
    const setup = setUp();
    await started(setup);
    expect(await edit(setup, spec('User1, User2'))).toMatchObject({ kind: 'published', plan: { changes: [{}] } });
    const snapshot = setup.loop.current();
    expect(snapshot?.generation).toBe(2);
    expect(snapshot?.since.get(CLIENT)).toBe(1);
    expect(snapshot?.state.get('group:Example/Group1')).toMatchObject({ members: [{}, {}] });
  });

  it('revives nothing: what is deleted and added again has a new since', async () => {
    const setup = setUp();
    await started(setup);
    const without = spec('User1').replace(/ {2}User2:.*\n/, '');
    await edit(setup, without);
    expect(setup.loop.current()?.since.has('user:Example/User2')).toBe(false);
    await edit(setup, spec('User1'));
    expect(setup.loop.current()?.since.get('user:Example/User2')).toBe(3);
    expect(setup.loop.current()?.since.get(CLIENT)).toBe(1);
  });

  it('that changes no entity is no generation, but moves the origins', async () => {
    const setup = setUp();
    await started(setup);
    write(setup.directory, { 'charter.yaml': `# a comment\n${spec('User1')}` });
    await eventually(async () => {
      const stored = await setup.store.read();
      expect(stored?.origins.get(CLIENT)?.('').start.line).toBe(10);
    });
    await setup.loop.idle();
    expect(setup.loop.origins().get(CLIENT)?.('').start.line).toBe(10);
    expect(setup.loop.current()?.generation).toBe(1);
    expect(setup.kinds()).toEqual(['published']);
  });

  it('that is invalid keeps the last good snapshot, is told once with its place, and recovers', async () => {
    const setup = setUp();
    const good = await started(setup);
    const broken = spec('User1').replace('allowed_to: [ClientGroup]', 'allowed_to: [ClientGruop]');
    const refused = await edit(setup, broken);
    expect(refused).toMatchObject({
      kind: 'refused',
      serving: 1,
      refusal: { reason: 'spec', diagnostics: [{ code: 'reference.unknown', range: { start: { line: 13 } } }] },
    });
    expect(setup.loop.current()).toBe(good);
    expect(setup.loop.status()).toMatchObject({ degraded: true, lastPass: { outcome: 'refused', errors: 1 } });
    // Polls and events find the same again, and say nothing.
    for (let round = 0; round < 3; round += 1) {
      setup.loop.hint();
      await setup.loop.idle();
    }
    expect(setup.kinds()).toEqual(['published', 'refused']);
    expect(await edit(setup, spec('User1'))).toMatchObject({ kind: 'recovered' });
    expect(setup.loop.status().degraded).toBe(false);
    expect(setup.loop.current()?.generation).toBe(1);
  });

  it('of the issuer needs a restart, and says so', async () => {
    const setup = setUp();
    const good = await started(setup);
    const event = await edit(setup, spec('User1', undefined, 'http://localhost:9090/uas'));
    expect(event).toMatchObject({ kind: 'refused', refusal: { failure: { code: 'restart_needed' } } });
    expect(setup.loop.current()).toBe(good);
    expect(setup.store.applied).toHaveLength(1);
  });

  it('that names a missing secret is refused with its place, and the last good one is served', async () => {
    const setup = setUp();
    const good = await started(setup);
    const event = await edit(setup, spec('User1', '{ env: NOT_SET }'));
    expect(event).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'secrets', diagnostics: [{ code: 'secret.missing', address: CLIENT }] },
    });
    expect(setup.loop.current()).toBe(good);
  });

  it('empty directory and deleted directory change nothing, and the watcher survives both', async () => {
    const setup = setUp();
    const good = await started(setup);
    rmSync(join(setup.directory, 'charter.yaml'));
    await eventually(() =>
      expect(setup.events.at(-1)).toMatchObject({ refusal: { diagnostics: [{ code: 'spec.empty' }] } }),
    );
    rmSync(setup.directory, { recursive: true });
    await eventually(() =>
      expect(setup.events.at(-1)).toMatchObject({ refusal: { diagnostics: [{ code: 'spec.directory-missing' }] } }),
    );
    expect(setup.loop.current()).toBe(good);
    write(setup.directory, { 'charter.yaml': spec('User2') });
    await eventually(() => expect(setup.loop.current()?.generation).toBe(2));
    // Events come again from the new directory, not only from its first sight.
    await setup.loop.idle();
    expect(await edit(setup, spec('User1'))).toMatchObject({ kind: 'published' });
  });

  it('by atomic rename and by a ..data swap is seen', async () => {
    const setup = setUp();
    await started(setup);
    replaceAtomically(setup.directory, 'charter.yaml', spec('User2'));
    await eventually(() => expect(setup.loop.current()?.generation).toBe(2));
    const mounted = setUp();
    mountVersion(mounted.directory, 'v1', { 'charter.yaml': spec('User1') });
    await mounted.loop.start(open);
    mountVersion(mounted.directory, 'v2', { 'charter.yaml': spec('User2') });
    await eventually(() => expect(mounted.loop.current()?.generation).toBe(2));
    mountVersion(mounted.directory, 'v3', { 'charter.yaml': spec('User1') });
    await eventually(() => expect(mounted.loop.current()?.generation).toBe(3));
  });

  it('is found by polling where no events come', async () => {
    const setup = setUp({ watch: { debounceMs: 100_000, pollMs: 100, lookMs: 50 } });
    await started(setup);
    await edit(setup, spec('User2'));
    expect(setup.loop.current()?.generation).toBe(2);
  });

  it('never runs two passes at once', async () => {
    let running = 0;
    let most = 0;
    const setup = setUp({
      compile: async (files, options) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return compile(files, options);
      },
    });
    await started(setup);
    for (let round = 0; round < 20; round += 1) {
      write(setup.directory, { 'charter.yaml': spec(round % 2 === 0 ? 'User2' : 'User1, User2') });
      setup.loop.hint();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await setup.loop.idle();
    await eventually(() =>
      expect(setup.loop.current()?.state.get('group:Example/Group1')).toMatchObject({ members: [{}, {}] }),
    );
    expect(most).toBe(1);
  });
});

describe('the store', () => {
  it('that fails refuses the pass once, and the pass succeeds when it works again', async () => {
    const setup = setUp();
    await started(setup);
    setup.store.failure = new Failure('store_unavailable', 'The disk is full.');
    expect(await edit(setup, spec('User2'))).toMatchObject({ kind: 'refused', refusal: { reason: 'failure' } });
    expect(setup.loop.current()?.generation).toBe(1);
    setup.loop.hint();
    await setup.loop.idle();
    setup.store.failure = undefined;
    await eventually(() => expect(setup.loop.current()?.generation).toBe(2));
    expect(setup.kinds()).toEqual(['published', 'refused', 'published']);
  });

  it('that another writer changed is planned against again', async () => {
    const setup = setUp();
    await started(setup);
    let intruded = 0;
    setup.store.beforeApply = () => {
      intruded += 1;
      if (intruded <= 2) setup.store.intrude((entities) => entities.delete('user:Example/User2'));
    };
    await edit(setup, spec('User2'));
    expect(setup.loop.current()?.generation).toBe(4);
    expect((await setup.store.read())?.state.has('user:Example/User2')).toBe(true);
    // Whose generation is overwritten may want to know by whom.
    expect(setup.kinds()).toEqual(['published', 'note', 'published']);
  });

  it('that applied something else is followed by a spec that stood still, until that changes', async () => {
    const setup = setUp();
    const first = await started(setup);
    setup.store.intrude((entities) => entities.delete('user:Example/User2'));
    await setup.loop.reload();
    const status = setup.loop.status();
    expect(status.serving?.generation).toBe(first.generation + 1);
    expect(status.serving?.state.has('user:Example/User2')).toBe(false);
    expect(status).toMatchObject({
      degraded: true,
      lastPass: { refusal: { reason: 'overtaken', generation: first.generation + 1 } },
    });
    await setup.loop.reload();
    expect(setup.loop.current()?.generation, 'it stays').toBe(first.generation + 1);

    expect((await edit(setup, spec('User1, User2'))).kind).toBe('published');
    expect(setup.loop.current()?.state.has('user:Example/User2')).toBe(true);
    expect(setup.loop.status().degraded).toBe(false);
  });

  it('whose generation moved is followed at the next poll', async () => {
    const setup = setUp();
    await started(setup);
    setup.store.intrude();
    setup.loop.hint();
    await setup.loop.idle();
    expect(setup.loop.current()?.generation).toBe(2);
  });

  it('that another writer wins every time refuses the pass as stale', async () => {
    const setup = setUp();
    await started(setup);
    setup.store.beforeApply = () => setup.store.intrude();
    expect(await edit(setup, spec('User2'))).toMatchObject({ refusal: { failure: { code: 'stale_plan' } } });
    expect(setup.loop.current()?.generation).toBe(1);
  });
});

describe('a bug in a pass', () => {
  it('keeps the last good snapshot, and the loop lives on', async () => {
    let broken = false;
    const setup = setUp({
      compile: (files, options) => {
        if (broken) throw new TypeError('x is not a function');
        return compile(files, options);
      },
    });
    await started(setup);
    broken = true;
    expect(await edit(setup, spec('User2'))).toMatchObject({ kind: 'refused', refusal: { reason: 'bug' } });
    broken = false;
    expect(await edit(setup, spec('User1, User2'))).toMatchObject({ kind: 'published', recovered: true });
  });
});

describe('secrets', () => {
  it('a changed value of a file is a reload without a change of the spec', async () => {
    const setup = setUp();
    write(setup.directory, { 'secrets/client1': 'first-value\n' });
    const text = spec('User1', '{ file: secrets/client1 }');
    const first = await started(setup, text);
    expect(await setup.checker.recognise('first-value', first.verifiers.get(CLIENT) ?? [])).toBeDefined();
    write(setup.directory, { 'secrets/client1': 'second-value\n' });
    await eventually(() => expect(setup.kinds()).toContain('secrets-recorded'));
    const snapshot = setup.loop.current();
    expect(await setup.checker.recognise('second-value', snapshot?.verifiers.get(CLIENT) ?? [])).toBeDefined();
    expect(await setup.checker.recognise('first-value', snapshot?.verifiers.get(CLIENT) ?? [])).toBeUndefined();
    expect(setup.events).toMatchObject([
      { kind: 'published' },
      { kind: 'published', changedSecrets: [CLIENT], plan: { changes: [] } },
      { kind: 'secrets-recorded', revision: { generation: 2, secrets: [CLIENT] } },
    ]);
    // The same State under the newer generation.
    expect(snapshot).toMatchObject({ generation: 2, digest: first.digest });
    expect(snapshot?.since.get(CLIENT)).toBe(1);
  });

  it('a weak value is a warning among the news, counted, and told once; a short one refuses the pass', async () => {
    const setup = setUp({ env: { CLIENT1_SECRET: 'hunter2-hunter2', OTHER: 'short' } });
    await started(setup);
    expect(setup.events).toMatchObject([
      { kind: 'published', newWarnings: [{ code: 'secret.weak', address: CLIENT }] },
    ]);
    expect(setup.loop.status().lastPass).toMatchObject({ outcome: 'published', warnings: 1 });
    expect(await edit(setup, spec('User2'))).toMatchObject({ kind: 'published', newWarnings: [] });
    expect(await edit(setup, spec('User2', '{ env: OTHER }'))).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'secrets', diagnostics: [{ code: 'secret.too-short', address: CLIENT }] },
    });
    expect(setup.loop.current()?.generation).toBe(2);
  });

  it('a weak value that the spec waives is no warning', async () => {
    const setup = setUp({ env: { CLIENT1_SECRET: 'hunter2-hunter2' } });
    const waiver = 'lint: { allow: [{ code: secret.weak, at: Example/Client1, reason: a test }] }';
    await started(setup, spec('User1').replace('server:\n', `server:\n  ${waiver}\n`));
    expect(setup.events).toMatchObject([{ kind: 'published', newWarnings: [] }]);
    expect(setup.loop.status().lastPass).toMatchObject({ warnings: 0 });
  });

  it('one that ends: the pass after it needs no value of it any more, and is no news', async () => {
    let now = Date.UTC(2027, 0, 1);
    const env: Record<string, string> = { OLD: 'the-old-value-of-it', CLIENT1_SECRET: 'the-next-value-of-it' };
    const setup = setUp({ env, clock: () => now });
    const secrets = '[{ env: OLD, expires: 2027-02-01 }, { env: CLIENT1_SECRET }]';
    await started(setup, spec('User1').replace('secret: { env: CLIENT1_SECRET }', `secrets: ${secrets}`));
    expect(setup.loop.current()?.verifiers.get(CLIENT)).toMatchObject([
      { slot: 'env:OLD' },
      { slot: 'env:CLIENT1_SECRET' },
    ]);
    const kinds = [...setup.kinds()];
    now = Date.UTC(2027, 1, 1);
    delete env.OLD;
    setup.loop.hint();
    await setup.loop.idle();
    expect(setup.kinds()).toEqual(kinds);
    expect(setup.loop.status()).toMatchObject({ degraded: false, serving: { generation: 1 } });
    expect(setup.loop.current()?.verifiers.get(CLIENT)).toMatchObject([{ slot: 'env:CLIENT1_SECRET' }]);
  });

  it('a changed value of one of several is told, a new one beside it is not a changed one', async () => {
    const setup = setUp();
    write(setup.directory, { 's/a': 'the-old-value-of-it', 's/b': 'the-next-value-of-it' });
    await started(setup, spec('User1', '{ file: s/a }'));
    const both = spec('User1').replace('secret: { env: CLIENT1_SECRET }', 'secrets: [{ file: s/b }, { file: s/a }]');
    expect(await edit(setup, both)).toMatchObject({
      kind: 'published',
      changedSecrets: [],
      snapshot: { generation: 2 },
    });
    expect((await setup.store.verifiers()).map(({ slot }) => slot).sort()).toEqual(['file:s/a', 'file:s/b']);
    write(setup.directory, { 's/b': 'another-value-of-it' });
    await eventually(() => expect(setup.kinds()).toContain('secrets-recorded'));
    expect(setup.events.at(-2)).toMatchObject({ kind: 'published', changedSecrets: [CLIENT], plan: { changes: [] } });
    expect(await edit(setup, spec('User1', '{ file: s/b }'))).toMatchObject({ kind: 'published', changedSecrets: [] });
    expect((await setup.store.verifiers()).map(({ slot }) => slot)).toEqual(['file:s/b']);
  });

  it('are watched outside of the spec too (--secrets-dir)', async () => {
    const secretsDir = temporary();
    mountVersion(secretsDir, 'v1', { client1: 'first-value' });
    const setup = setUp({ secretsDir });
    await started(setup, spec('User1', '{ file: client1 }'));
    mountVersion(secretsDir, 'v2', { client1: 'second-value' });
    await eventually(async () => {
      const verifiers = setup.loop.current()?.verifiers.get(CLIENT) ?? [];
      expect(await setup.checker.recognise('second-value', verifiers)).toBeDefined();
    });
  });

  it('that changed in the environment: the next start takes it, the plan stays empty', async () => {
    const first = setUp();
    await started(first);
    const [before] = await first.store.verifiers();
    await first.loop.close();
    const setup = setUp({ directory: first.directory, memory: first.store, env: { CLIENT1_SECRET: 'new-value' } });
    const start = await setup.loop.start(open);
    expect(start.serving?.generation).toBe(1);
    expect(setup.events).toMatchObject([{ kind: 'published', plan: { changes: [], access: [] } }]);
    expect(await setup.checker.recognise('new-value', start.serving?.verifiers.get(CLIENT) ?? [])).toBeDefined();
    await setup.loop.idle();
    const [after] = await setup.store.verifiers();
    expect(after?.phc).not.toBe(before?.phc);
    expect((await setup.store.revisions(1))[0]).toMatchObject({ generation: 2, secrets: [CLIENT] });
    expect(setup.loop.current()?.generation).toBe(2);
  });

  it('that did not change are not hashed again: salts are random, verifiers stay', async () => {
    const first = setUp();
    await started(first);
    const before = await first.store.verifiers();
    expect(before).toHaveLength(1);
    expect(before[0]?.phc).toMatch(/^\$argon2id\$/);
    await first.loop.close();
    const setup = setUp({ directory: first.directory, memory: first.store });
    await setup.loop.start(open);
    await setup.loop.idle();
    expect(await setup.store.verifiers()).toEqual(before);
    expect((await setup.store.revisions(9)).map(({ generation }) => generation)).toEqual([1]);
  });

  it('are hashed beside serving, never before it', async () => {
    const setup = setUp();
    const hash = setup.checker.hash;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    setup.checker.hash = async (value) => {
      await held;
      return hash(value);
    };
    write(setup.directory, { 'charter.yaml': spec('User1') });
    const start = await setup.loop.start(open);
    expect(start.serving?.generation).toBe(1);
    expect(await setup.store.verifiers()).toEqual([]);
    release();
    await setup.loop.idle();
    expect(await setup.store.verifiers()).toHaveLength(1);
  });

  it('written as {hash} are checked by their own Argon2id, and need no value', async () => {
    const setup = setUp({ env: {} });
    const phc = await setup.checker.hash('hashed');
    const snapshot = await started(setup, spec('User1', `{ hash: "${phc}" }`));
    expect(snapshot.verifiers.get(CLIENT)).toMatchObject([{ kind: 'argon2id', phc, slot: undefined }]);
    expect(await setup.store.verifiers()).toEqual([]);
  });
});
