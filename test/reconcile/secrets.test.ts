import { randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { ApplicationEntity, Entity, Secret, SecretReference } from '../../src/model/entity.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import type { SourceRange } from '../../src/model/origin.ts';
import { createState, editState } from '../../src/model/state.ts';
import { slotOf, verifierKey } from '../../src/model/verifier.ts';
import { digestSecrets, type LastingValues, resolveSecrets, type SecretValues } from '../../src/reconcile/secrets.ts';
import { makeFifo, mountVersion, temporary, write } from './directory.ts';

const A: Address = 'application:Example/A';
const B: Address = 'application:Example/B';
const NOW = Date.UTC(2027, 0, 15);
const STRONG = 'a-value-of-many-characters';

const application = (name: string, more: object) =>
  [`application:Example/${name}`, { kind: 'application', client_id: name, ...more }] as [Address, Entity];

const at = (pointer: string, column: number): SourceRange => ({
  file: 'charter.yaml',
  start: { line: 1, column, offset: pointer.length },
  end: { line: 1, column: column + 1, offset: pointer.length + 1 },
});

/** Resolves the secret of one application of a spec whose root is the directory. */
async function resolve(
  secret: SecretReference,
  {
    root = temporary(),
    env = {},
    secretsDir,
  }: { root?: string; env?: Record<string, string>; secretsDir?: string } = {},
) {
  const state = createState([[A, { kind: 'application', client_id: 'A', secret }]]);
  const origins = new Map([[A, (pointer: string) => at(pointer, 1 + pointer.length)]]);
  const resolved = await resolveSecrets(state, origins, { env, root, boundaries: [root], secretsDir }, NOW);
  const value = resolved.values.get(A)?.get(slotOf(secret) ?? '');
  return { value, problem: resolved.problems[0], warning: resolved.warnings[0], files: resolved.files };
}

it('what lasts is found once, and the same is told as where everything is looked for: files, times, weak and missing ones each time', async () => {
  const root = temporary();
  const long = 'correct-horse-battery-staple';
  write(root, { 'key.txt': long });
  const state = createState([
    application('Env', { secret: { env: 'LONG' } }),
    application('File', { secret: { file: 'key.txt' } }),
    application('None', {}),
    application('Missing', { secret: { env: 'MISSING' } }),
    application('Weak', { secret: { env: 'WEAK' } }),
    application('Ends', { secret: { env: 'LONG' }, expires: '2027-01-16' }),
    application('Turns', {
      secrets: [
        { env: 'LONG', expires: '2027-01-16' },
        { env: 'LONG2', not_before: '2027-01-16' },
      ],
    }),
  ]);
  const asked: string[] = [];
  const env = new Proxy<Record<string, string>>(
    { LONG: long, LONG2: `${long}2`, WEAK: 'weakling' },
    {
      get(values, name) {
        asked.push(String(name));
        return Reflect.get(values, name);
      },
    },
  );
  const lasting: LastingValues = {};
  const sources = { env, root, boundaries: [root] };
  for (const now of [NOW, NOW, Date.UTC(2027, 0, 20)]) {
    const whole = await resolveSecrets(state, new Map(), sources, now);
    asked.length = 0;
    expect(await resolveSecrets(state, new Map(), { ...sources, lasting }, now)).toEqual(whole);
  }
  expect(asked.filter((name) => name === 'LONG')).toEqual([]);
  expect(asked).toContain('WEAK');
  write(root, { 'key.txt': `${long}-new` });
  const { values } = await resolveSecrets(state, new Map(), { ...sources, lasting }, NOW);
  expect(values.get('application:Example/File')?.get('file:key.txt')).toBe(`${long}-new`);
});

it('what is looked at again after an edit comes to the same as all, over several edits; and values that stay are the same object', async () => {
  const root = temporary();
  write(root, { 'key.txt': 'k'.repeat(40) });
  const sources = { env: { LONG: 'l'.repeat(40), LONG2: 'm'.repeat(40), WEAK: 'weakling' }, root, boundaries: [root] };
  const names = ['A', 'B', 'C', 'D', 'E'].map((name): Address => `application:Example/${name}`);
  const written = fc.constantFrom<Partial<ApplicationEntity>>(
    {},
    { secret: { env: 'LONG' } },
    { secret: { env: 'LONG' }, enabled: false },
    { secret: { env: 'LONG2' } },
    { secret: { env: 'WEAK' } },
    { secret: { env: 'MISSING' } },
    { secret: { file: 'key.txt' } },
    { secrets: [{ env: 'LONG', expires: '2027-01-16' }, { env: 'LONG2' }] },
  );
  const edit = fc.dictionary(fc.constantFrom(...names), fc.option(written, { nil: undefined }), { maxKeys: 3 });
  const others = Array.from({ length: 200 }, (_, at) => application(`Other${at}`, { secret: { env: 'LONG' } }));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 2, maxLength: 6 }), async (edits) => {
      const lasting: LastingValues = {};
      let state = createState(others);
      let before: SecretValues = new Map();
      for (const [at, one] of edits.entries()) {
        const entities = Object.entries(one).map(([address, more]): [Address, Entity | undefined] => [
          address as Address,
          more && { kind: 'application', client_id: address, ...more },
        ]);
        state = editState(state, new Map(entities));
        const now = at % 2 === 0 ? NOW : Date.UTC(2027, 0, 20);
        const whole = await resolveSecrets(state, new Map(), sources, now);
        const found = await resolveSecrets(state, new Map(), { ...sources, lasting }, now);
        expect({ ...found, values: [...found.values] }).toEqual({ ...whole, values: [...whole.values] });
        if (isDeepStrictEqual([...found.values], [...before])) expect(found.values).toBe(before);
        before = found.values;
      }
    }),
    { numRuns: 100 },
  );
});

describe('{env}', () => {
  it('is the value of the variable, without the one newline that tools put at its end', async () => {
    expect(await resolve({ env: 'X' }, { env: { X: ' abcdef' } })).toMatchObject({
      value: ' abcdef',
      problem: undefined,
    });
    expect((await resolve({ env: 'X' }, { env: { X: ' abcdef\n' } })).value).toBe(' abcdef');
    expect((await resolve({ env: 'X' }, { env: { X: 'abcdef\n\n' } })).value).toBe('abcdef\n');
  });

  it('is looked up without its place, which is parsed only where there is something to tell of it', async () => {
    const secret = { env: 'X' };
    const state = createState([[A, { kind: 'application', client_id: 'A', secret }]]);
    const asked: string[] = [];
    const origin = (pointer: string) => {
      asked.push(pointer);
      return at(pointer, 1);
    };
    const origins = new Map([[A, origin]]);
    const places = { root: temporary(), boundaries: [] };
    await resolveSecrets(state, origins, { ...places, env: { X: STRONG } }, NOW);
    expect(asked).toEqual([]);
    await resolveSecrets(state, origins, { ...places, env: {} }, NOW);
    expect(asked).toEqual(['/secret/env']);
  });

  it('of an application that has ended is not asked for', async () => {
    const state = createState([
      [A, { kind: 'application', client_id: 'A', secret: { env: 'GONE' }, expires: '2027-01-15' }],
      [B, { kind: 'application', client_id: 'B', secret: { env: 'GONE' }, expires: '2027-01-16' }],
    ]);
    const sources = { env: {}, root: temporary(), boundaries: [] };
    const { problems } = await resolveSecrets(state, new Map(), sources, NOW);
    expect(problems.map(({ address }) => address)).toEqual([B]);
  });

  it('that is not set or empty is a diagnostic at the reference, with what to do', async () => {
    const { problem } = await resolve({ env: 'X' });
    expect(problem).toMatchObject({
      severity: 'error',
      code: 'secret.missing',
      address: A,
      detail: 'the environment variable X is not set',
      range: { start: { column: 1 + '/secret/env'.length } },
    });
    expect(problem?.help).toContain('Set X where charter runs');
    expect((await resolve({ env: 'X' }, { env: { X: '' } })).problem?.code).toBe('secret.empty');
  });
});

describe('{file}', () => {
  it.each([
    ['secret', 'secret'],
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' se cret ', ' se cret '],
    ['\uFEFFmarked', '\uFEFFmarked'],
  ])('%j loses one trailing newline and nothing else', async (content, value) => {
    const root = temporary();
    write(root, { 's/x': content });
    expect(await resolve({ file: 's/x' }, { root })).toMatchObject({ value, files: [join(root, 's/x')] });
  });

  it('is relative to --secrets-dir where that is given, and may be absolute in it', async () => {
    const secretsDir = temporary();
    mountVersion(secretsDir, 'v1', { x: 'mounted' });
    expect((await resolve({ file: 'x' }, { secretsDir })).value).toBe('mounted');
    expect((await resolve({ file: join(secretsDir, 'x') }, { secretsDir })).value).toBe('mounted');
  });

  it('that leaves the spec is refused, by its path, by a link, and by a sibling of the same beginning', async () => {
    const parent = temporary();
    write(parent, { 'spec/a.yaml': '', 'outside/x': 'no', 'spec-2/x': 'no' });
    const root = join(parent, 'spec');
    symlinkSync('../outside/x', join(root, 'link'));
    for (const file of ['../outside/x', 'link', '../spec-2/x', join(parent, 'outside/x'), '/etc/hostname']) {
      const { value, problem } = await resolve({ file }, { root });
      expect(value, file).toBeUndefined();
      expect(problem?.code, file).toBe('secret.outside');
    }
  });

  it('that is missing, empty, too large, a directory, a FIFO or not text is told, and never waited for', async () => {
    const root = temporary();
    write(root, { empty: '\n', large: Buffer.alloc(64 * 1024 + 1, 'x'), binary: Buffer.from([0xff, 0xfe, 0x00]) });
    mkdirSync(join(root, 'directory'));
    makeFifo(join(root, 'pipe'));
    const found = async (file: string) => {
      const { problem } = await resolve({ file }, { root });
      return [problem?.code, problem?.detail];
    };
    expect(await found('nowhere')).toEqual(['secret.missing', `the file ${root}/nowhere does not exist`]);
    expect(await found('empty')).toEqual(['secret.empty', `the file ${root}/empty is empty`]);
    expect(await found('large')).toEqual([
      'secret.unreadable',
      `the file ${root}/large: it is larger than 65536 bytes`,
    ]);
    expect(await found('directory')).toEqual([
      'secret.unreadable',
      `the file ${root}/directory: it is a directory, not a file`,
    ]);
    expect(await found('pipe')).toEqual(['secret.unreadable', `the file ${root}/pipe: it is not a regular file`]);
    expect(await found('binary')).toEqual(['secret.unreadable', `the file ${root}/binary: it is not UTF-8 text`]);
  });

  it('is watched even while it is missing', async () => {
    const root = temporary();
    expect((await resolve({ file: 'later' }, { root })).files).toEqual([join(root, 'later')]);
  });
});

describe('several secrets', () => {
  const several = async (secrets: readonly Secret[], env: Record<string, string> = {}) => {
    const root = temporary();
    const state = createState([[A, { kind: 'application', client_id: 'A', secrets }]]);
    const origins = new Map([[A, (pointer: string) => at(pointer, 1 + pointer.length)]]);
    return resolveSecrets(state, origins, { env, root, boundaries: [root] }, NOW);
  };

  it('have a value each, by their references', async () => {
    const { values, problems } = await several(
      [{ env: 'OLD', expires: '2027-02-01' }, { env: 'NEXT', not_before: '2027-01-01' }, { hash: '$argon2id$…' }],
      { OLD: STRONG, NEXT: STRONG },
    );
    expect(problems).toEqual([]);
    expect([...(values.get(A) ?? [])]).toEqual([
      ['env:OLD', STRONG],
      ['env:NEXT', STRONG],
    ]);
  });

  it('one that is over needs no value, is not watched and not judged; it is over at its very instant', async () => {
    const over = new Date(NOW).toISOString();
    const { values, problems, warnings, files } = await several(
      [{ env: 'OLD', expires: over }, { env: 'WEAK', expires: over }, { file: 'old', expires: over }, { env: 'NEXT' }],
      { NEXT: STRONG, WEAK: 'x' },
    );
    expect({ problems, files }).toEqual({ problems: [], files: [] });
    expect([...(values.get(A)?.keys() ?? [])]).toEqual(['env:NEXT']);
    expect(warnings.filter(({ detail }) => !detail.includes('NEXT'))).toEqual([]);
    const last = await several([{ env: 'OLD', expires: new Date(NOW + 1).toISOString() }]);
    expect(last.problems).toMatchObject([{ code: 'secret.missing' }]);
  });

  it('one that is to come must be there already, and is told at its place in the list', async () => {
    const { problems } = await several([{ env: 'NOW' }, { env: 'LATER', not_before: '2030-01-01' }], { NOW: STRONG });
    expect(problems).toMatchObject([
      {
        code: 'secret.missing',
        detail: 'the environment variable LATER is not set',
        range: { start: { column: 1 + '/secrets/1/env'.length } },
      },
    ]);
  });

  it('a reference that is written twice is one value, and is told once', async () => {
    const twice = [
      { env: 'X', expires: '2027-02-01' },
      { env: 'X', not_before: '2028-01-01' },
    ];
    expect([...((await several(twice, { X: STRONG })).values.get(A) ?? [])]).toEqual([['env:X', STRONG]]);
    expect((await several(twice)).problems).toHaveLength(1);
    // Over in the first of its times, and to come in the second.
    const again = [{ env: 'X', expires: '2027-01-01' }, twice[1] as Secret];
    expect((await several(again)).problems).toHaveLength(1);
  });
});

describe('strength', () => {
  it('a value under 6 characters is refused at its reference, with the command that makes a better one', async () => {
    const { value, problem, warning } = await resolve({ env: 'X' }, { env: { X: 'abcde' } });
    expect({ value, warning }).toEqual({ value: undefined, warning: undefined });
    expect(problem).toMatchObject({
      severity: 'error',
      code: 'secret.too-short',
      address: A,
      detail: 'the environment variable X holds a value that is tried out in no time',
      help: expect.stringContaining('charter secret generate'),
      range: { start: { column: 1 + '/secret/env'.length } },
    });
  });

  it('a value under 128 bits is a value with a warning', async () => {
    const root = temporary();
    write(root, { x: 'hunter2-hunter2' });
    const { value, problem, warning } = await resolve({ file: 'x' }, { root });
    expect({ value, problem }).toEqual({ value: 'hunter2-hunter2', problem: undefined });
    expect(warning).toMatchObject({
      severity: 'warning',
      code: 'secret.weak',
      address: A,
      detail: `the file ${root}/x holds a value of less than 128 bits`,
      help: expect.stringContaining('charter secret generate'),
      range: { start: { column: 1 + '/secret/file'.length } },
    });
  });

  it('a generated secret that stands in the place of a name is not told', async () => {
    const secret = { env: 'chs_A3aGk0vT9yXw2LrQmB7cNdEfUhJiKsPzO5VtR8WxY1ZbCgD4eF6HiJ' };
    for (const env of [{}, { [secret.env]: '' }, { [secret.env]: 'abc' }]) {
      expect(JSON.stringify((await resolve(secret, { env })).problem)).not.toContain(secret.env);
    }
  });

  it('a generated one is neither', async () => {
    const X = formatGeneratedSecret(new Uint8Array(32));
    expect(await resolve({ env: 'X' }, { env: { X } })).toMatchObject({
      value: X,
      problem: undefined,
      warning: undefined,
    });
  });

  it.each(['abc', 'abcd', 'canary', 'canary-canary', '🔑🔑🔑', '0'.repeat(200)])(
    'neither the value nor its length is told (%#)',
    async (X) => {
      const { problem, warning } = await resolve({ env: 'X' }, { env: { X } });
      const told = problem ?? warning;
      expect(told?.code).toBe([...X].length < 6 ? 'secret.too-short' : 'secret.weak');
      const other = await resolve({ env: 'X' }, { env: { X: `${X.slice(0, 1)}${X}` } });
      // Another value and length of the same kind is told in the same words.
      if (other.problem?.code === told?.code || other.warning?.code === told?.code) {
        expect(other.problem ?? other.warning).toEqual(told);
      }
      expect(`${told?.detail} ${told?.help}`).not.toContain(X);
    },
  );
});

describe('P:C-040, P:J-014: the secret of client_secret_jwt is a key', () => {
  const resolveKey = async (X: string | undefined, stored: ReadonlySet<string> = new Set()) => {
    const metadata = { token_endpoint_auth_method: 'client_secret_jwt' } as const;
    const state = createState([[A, { kind: 'application', client_id: 'A', secret: { env: 'X' }, metadata }]]);
    const sources = { env: { X }, root: temporary(), boundaries: [], stored };
    return await resolveSecrets(state, new Map(), sources, NOW);
  };

  it('of at least 32 bytes, and neither the value nor its length is told', async () => {
    const short = 'abcdefghijklmnopqrstuvwxyz01234';
    const { values, problems } = await resolveKey(short);
    expect(values.size).toBe(0);
    expect(problems).toMatchObject([
      {
        severity: 'error',
        code: 'secret.short-key',
        address: A,
        detail: 'the environment variable X holds less than the 32 bytes that a key of HS256 has',
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain(short);
    expect((await resolveKey(`${short}5`)).problems).toEqual([]);
    // Bytes count, not characters.
    expect((await resolveKey('é'.repeat(16))).problems).toEqual([]);
    expect((await resolveKey(formatGeneratedSecret(new Uint8Array(32)))).problems).toEqual([]);
  });

  it('that no stored verifier stands in for', async () => {
    const stored = new Set([verifierKey({ address: A, slot: 'env:X' })]);
    expect((await resolveKey(undefined, stored)).problems).toMatchObject([{ code: 'secret.missing' }]);
  });
});

describe('the password of a user', () => {
  const U: Address = 'user:Example/U';
  const resolvePassword = async (X: string | undefined, more: { expires?: string } = {}) => {
    const state = createState([[U, { kind: 'user', sub: 'Example/U', password: { env: 'X' }, ...more }]]);
    const origins = new Map([[U, (pointer: string) => at(pointer, 1 + pointer.length)]]);
    return await resolveSecrets(state, origins, { env: { X }, root: temporary(), boundaries: [] }, NOW);
  };

  it('is resolved by its slot, as the secret of an application', async () => {
    const { values, problems, warnings } = await resolvePassword('correct horse battery staple and more');
    expect([...(values.get(U) ?? [])]).toEqual([['env:X', 'correct horse battery staple and more']]);
    expect([problems, warnings]).toEqual([[], []]);
  });

  it('is told where it is written, and as a password', async () => {
    const [missing] = (await resolvePassword(undefined)).problems;
    expect(missing).toMatchObject({ code: 'secret.missing', address: U });
    expect(missing?.range?.start.column).toBe(1 + '/password/env'.length);
    expect((await resolvePassword('')).problems[0]?.help).toContain('An empty password');
    const [short] = (await resolvePassword('abcde')).problems;
    expect(short).toMatchObject({ code: 'secret.too-short', help: expect.stringContaining('longer password') });
    const [weak] = (await resolvePassword('hunter2-hunter2')).warnings;
    expect(weak).toMatchObject({ code: 'secret.weak', help: expect.stringContaining('longer password') });
  });

  it('of a user who has ended is not asked for', async () => {
    expect((await resolvePassword(undefined, { expires: '2027-01-15' })).problems).toEqual([]);
    expect((await resolvePassword(undefined, { expires: '2027-01-16' })).problems).toHaveLength(1);
  });
});

describe('all of a State', () => {
  it('takes no value of {hash}, and tells every problem', async () => {
    const state = createState([
      [A, { kind: 'application', client_id: 'A', secret: { hash: '$argon2id$…' } }],
      [B, { kind: 'application', client_id: 'B', secret: { env: 'B' } }],
      ['application:Example/C', { kind: 'application', client_id: 'C', secret: { env: 'C' } }],
      ['application:Example/D', { kind: 'application', client_id: 'D' }],
    ]);
    const { values, problems } = await resolveSecrets(state, new Map(), { env: {}, root: '/', boundaries: ['/'] }, NOW);
    expect(values.size).toBe(0);
    expect(problems.map(({ address }) => address)).toEqual([B, 'application:Example/C']);
  });

  it('no value of a secret is in a problem', async () => {
    const root = temporary();
    write(root, { x: 'canary\0canary' });
    const { problem } = await resolve({ file: '../x' }, { root, env: { X: 'canary' } });
    expect(JSON.stringify(problem)).not.toContain('canary');
  });

  it('has a digest that tells any change, and means nothing without the key', () => {
    const key = randomBytes(32);
    const digest = (values: Record<string, string>, by = key) =>
      digestSecrets({ values: slotted(values), problems: [], warnings: [], files: [] }, by);
    const slotted = (values: Record<string, string>) =>
      new Map(Object.entries(values).map(([address, value]) => [address as Address, new Map([['env:X', value]])]));
    expect(digest({ [A]: 'x', [B]: 'y' })).toBe(digest({ [B]: 'y', [A]: 'x' }));
    expect(digest({ [A]: 'x', [B]: 'y' })).not.toBe(digest({ [A]: 'y', [B]: 'x' }));
    expect(digest({ [A]: 'x' })).not.toBe(digest({ [A]: 'x' }, randomBytes(32)));
  });
});
