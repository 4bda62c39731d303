// Canary secrets in variables, files, hashes, metadata and wherever else people write them: none of them comes out again, of
// no command, no running server and no store (DESIGN 1, 3, 6).

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Canaries, createCanaries, randomText } from './canary.ts';
import { type CanarySpec, CLIENTS, createCanarySpec, generatedSecret } from './canary-spec.ts';
import {
  basic,
  charter,
  createWorkspace,
  eventually,
  introspect,
  post,
  type Server,
  serve,
  settled,
  token,
  type Workspace,
} from './charter.ts';
import { baseSpec, GENERATED_SECRETS, LITERAL_SECRETS, OVERLAY_SECRETS } from './literal-secrets.ts';
import { dumpStore, storeBytes } from './store-dump.ts';

let workspace: Workspace;
let spec: CanarySpec;
let server: Server | undefined;
/** What the program checks secrets with and signs with: in no output either. */
const made = createCanaries();
/** The tokens that it issued: in no store either. */
const issued = createCanaries();

const file = (name: string): string => join(workspace.root, name);
const debugged = (env: Readonly<Record<string, string>> = {}) => ({ env: { CHARTER_DEBUG: '1', ...env } });

beforeAll(async () => {
  workspace = await createWorkspace();
  spec = await createCanarySpec(workspace);
  spec.writeFirst();
});

afterAll(async () => {
  await server?.stop();
  workspace.remove();
});

/** Holds what is said against all canaries; it must say `shows`, or nobody knows what was searched. */
function expectClean(
  where: string,
  text: string | Buffer,
  shows: string | RegExp,
  besides: readonly Canaries[] = [],
): void {
  const isShown = typeof shows === 'string' ? text.includes(shows) : shows.test(text.toString());
  if (!isShown) throw new Error(`${where} does not show ${shows}:\n${text.toString().slice(0, 5000)}`);
  const found = [spec.secrets, spec.hashes, made, issued, ...besides].flatMap((canaries) => canaries.foundIn(text));
  expect(found, `canaries in ${where}`).toEqual([]);
}

/** Runs a command, with a stack for each error, and holds both its streams and the files that it wrote against all canaries. */
async function run(
  argv: readonly string[],
  {
    code = 0,
    shows,
    env,
    besides = [],
  }: { code?: number; shows: string | RegExp; env?: Readonly<Record<string, string>>; besides?: readonly Canaries[] },
): Promise<string> {
  const done = await charter(argv, debugged(env));
  const said = done.stdout + done.stderr;
  expect(done.code, said).toBe(code);
  expectClean(`charter ${argv.join(' ')}`, said, shows, besides);
  return said;
}

/** The files of all outputs of a plan, and the arguments that ask for them. */
function outputs(name: string, kinds: readonly string[] = ['json', 'md', 'sarif', 'junit']) {
  const files = kinds.map((kind) => ({ kind, path: file(kind === 'out' ? `${name}.plan.json` : `${name}.${kind}`) }));
  const argv = ['--github', ...files.flatMap(({ kind, path }) => [`--${kind}`, path])];
  const expectAllClean = (shows: string | RegExp, besides: readonly Canaries[] = []) => {
    for (const { path } of files) expectClean(path, readFileSync(path), shows, besides);
  };
  return { argv, expectAllClean };
}

describe('secrets that are where they belong', () => {
  it('the search finds a canary in all its forms, and in parts', () => {
    const value = spec.secrets.plant('a trial');
    const forms = [
      value,
      value.toUpperCase(),
      Buffer.from(`x:${value}`).toString('base64'),
      Buffer.from(`user:${value}`).toString('base64url'),
      Buffer.from(value).toString('hex'),
      [...value].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(''),
      [...value].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join(''),
      value.slice(7, 19),
    ];
    for (const form of forms) expect(spec.secrets.foundIn(`before ${form} behind`), form).toEqual(['a trial']);
    expect(spec.secrets.foundIn(`${value.slice(0, 11)} ${randomText(200)}`)).toEqual([]);
  });

  it('validate, fmt, plan against all bases, the saved plan and show', async () => {
    const checked = outputs('checked', ['json', 'sarif', 'junit']);
    await run(['validate', workspace.spec, ...checked.argv], { shows: 'application.unreachable', env: spec.env });
    checked.expectAllClean('application.unreachable');
    await run(['fmt', '--check', workspace.spec], { code: 1, shows: 'site.yaml' });

    const first = outputs('first', ['json', 'md', 'sarif', 'junit', 'out']);
    await run(['plan', workspace.spec, '--store', workspace.store, ...first.argv], {
      shows: 'application EnvHuman',
      env: spec.env,
    });
    first.expectAllClean(/Example|site\.yaml/);
    const saved = file('first.plan.json');
    // A harmless canary beside the others is there: what was searched is what they would stand in.
    expect(spec.harmless.foundIn(readFileSync(saved))).toEqual(['client_name']);
    await run(['show', saved, '--full'], { shows: 'application Hashed' });

    execFileSync('git', ['init', '--quiet', workspace.root]);
    execFileSync('git', ['-C', workspace.root, 'add', 'config']);
    execFileSync('git', [
      '-C',
      workspace.root,
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@example.com',
      'commit',
      '--quiet',
      '-m',
      'first',
    ]);
    cpSync(workspace.spec, file('before'), { recursive: true });
    spec.writeSecond();
    for (const base of [['ref:HEAD', '--overlay', file('overlay')], [`dir:${file('before')}`]]) {
      const compared = outputs('compared');
      const argv = ['plan', workspace.spec, '--against', ...base, ...compared.argv];
      const said = await run(argv, { code: 5, shows: 'hash (sensitive)', env: spec.env });
      expect(spec.harmless.foundIn(said)).toEqual(['client_name', 'the next client_name']);
      compared.expectAllClean(/Example|site\.yaml/);
      expect(spec.harmless.foundIn(readFileSync(file('compared.md')))).toEqual(['client_name', 'the next client_name']);
    }
    spec.writeFirst();
  });

  it('what goes wrong on the way to an apply', async () => {
    const { ENV_HUMAN: _, ...lacking } = spec.env;
    const store = ['--store', workspace.store];
    const missing = outputs('missing');
    await run(['apply', workspace.spec, ...store, ...missing.argv], { code: 1, shows: 'ENV_HUMAN', env: lacking });
    missing.expectAllClean('ENV_HUMAN');
    // No UTF-8, and the secret of somebody else at its beginning.
    const put = workspace.read('human.secret');
    writeFileSync(join(workspace.spec, 'human.secret'), Buffer.concat([Buffer.from(put), Buffer.from([0xff, 0xfe])]));
    await run(['apply', workspace.spec, ...store], { code: 1, shows: 'human.secret', env: spec.env });
    workspace.write('human.secret', put);

    await run(['apply', file('first.plan.json'), ...store, '--dir', file('before-nothing')], {
      code: 1,
      shows: 'no written hash',
      env: spec.env,
    });
    const saved = readFileSync(file('first.plan.json'), 'utf8');
    const [human = ''] = Object.values(spec.presented);
    // As somebody mends a plan for which the hash is missing.
    const edited = saved.replace('"withheld_hash": 1', `"hash": "$argon2id$v=19$m=19456,t=2,p=1$${human}"`);
    expect(edited).not.toBe(saved);
    const broken = { edited, cut: saved.slice(0, saved.indexOf('client_name')), text: human };
    for (const [name, text] of Object.entries(broken)) {
      writeFileSync(file(`${name}.json`), text);
      await run(['show', file(`${name}.json`)], { code: 1, shows: `${name}.json` });
    }
    writeFileSync(file('no-store'), `${human}\n`.repeat(200));
    await run(['plan', workspace.spec, '--store', file('no-store')], { code: 1, shows: 'no-store' });
    workspace.write('../secure/server.yaml', `server: { issuer: "https://localhost:${workspace.port}" }\n`);
    const tls = ['--tls-cert', file('no-store'), '--tls-key', file('no-store')];
    await run(['serve', file('secure'), '--store', file('none.db'), ...tls], { code: 1, shows: 'PEM' });
  });
});

describe('a store and its server', () => {
  it('apply of the saved plan, and token requests with right and with wrong secrets', async () => {
    const applied = outputs('applied', ['json', 'md', 'sarif']);
    const argv = [
      'apply',
      file('first.plan.json'),
      '--dir',
      workspace.spec,
      '--store',
      workspace.store,
      ...applied.argv,
    ];
    await run(argv, { shows: 'Applied generation 1', env: spec.env });
    applied.expectAllClean(/Example|site\.yaml/);
    watchMade();

    server = await serve(workspace, { env: { ...spec.env, CHARTER_DEBUG: '1', CHARTER_LOG_LEVEL: 'trace' } });
    for (const [client, secret] of Object.entries(spec.presented)) await expectToken(client, secret);
    await sendWrong();
    await server.stop().then(({ stdout, stderr }) => {
      expectClean('stdout of serve', stdout, 'serves http://localhost');
      expectClean('the log', stderr, '"outcome":"issued"');
      expect(stderr).toContain('CLIENT_AUTHENTICATION_FAILED');
    });
    watchMade();
    expectStoreClean();
    expect(dumpStore(workspace.store).get('access_token.hash')).toBeDefined();
  });

  it('a reload with invalid files, one that is held and approved, and one of a file', async () => {
    server = await serve(workspace, { env: { ...spec.env, CHARTER_DEBUG: '1', CHARTER_LOG_LEVEL: 'trace' } });
    const literal = createCanaries();
    const files = writeLiterals(literal, 'literal');
    const told = await eventually(async () => {
      const status = JSON.stringify(await server?.status());
      if (!status.includes('secret.literal')) throw new Error(status);
      return status;
    });
    expectClean('/status of a refused reload', told, 'secret.literal', [literal]);
    for (const name of files) workspace.write(`literal/${name}`, '# nothing\n');
    await settled(server);

    spec.rotateFile();
    await eventually(async () => expect((await token(workspace, 'FileGenerated', spec.rotatedFile)).status).toBe(200));
    spec.writeSecond();
    spec.rotateFile();
    const held = await eventually(async () => {
      const status = (await server?.status()) as { readonly held?: readonly string[] } | undefined;
      if (status?.held === undefined || status.held.length === 0) throw new Error('nothing is held');
      return status.held;
    });
    await run(['status', '--store', workspace.store], { shows: 'held' });
    await run(['approve', ...held, '--store', workspace.store], { shows: 'is applied and served' });
    expect((await token(workspace, 'FileGenerated', spec.rotatedFile)).status).toBe(200);
    expectClean('/status', JSON.stringify(await server.status()), 'generation');
    watchMade();

    const { stdout, stderr } = await server.stop();
    expectClean('stdout of serve', stdout, 'hash (sensitive)', [literal]);
    expectClean('the log', stderr, 'secret.literal', [literal]);
    expectStoreClean([literal]);
  });

  it('history, rollback, export, drift, and a start with rotated variables', async () => {
    const store = ['--store', workspace.store];
    const listed = JSON.parse(await run(['history', ...store, '--json'], { shows: '"generation"' }));
    const [newest] = listed.revisions as readonly { readonly generation: number }[];
    const said = await run(['history', String(newest?.generation), ...store], { shows: 'hash (sensitive)' });
    expect(spec.harmless.foundIn(said)).toEqual(['client_name', 'the next client_name']);

    const back = await run(['rollback', '1', ...store, '--dir', workspace.spec, '--json', file('back.json')], {
      shows: 'Rolled back',
      env: spec.env,
    });
    expect(spec.harmless.foundIn(back)).toEqual(['client_name', 'the next client_name']);
    expectClean('the JSON of a rollback', readFileSync(file('back.json')), 'EnvHuman');

    // YAML of the State: a spec that lacked its written hashes would be another one.
    const exported = await charter(['export', ...store], debugged());
    expect(exported.code, exported.stderr).toBe(0);
    expect(spec.hashes.foundIn(exported.stdout)).toEqual(['the hash', 'the hash of several']);
    expect([spec.secrets, made].flatMap((canaries) => canaries.foundIn(exported.stdout))).toEqual([]);
    expect(spec.harmless.foundIn(exported.stdout)).toEqual(['client_name']);

    spec.writeFirst();
    server = await serve(workspace, { env: { ...spec.rotatedEnv, CHARTER_DEBUG: '1', CHARTER_LOG_LEVEL: 'trace' } });
    const { SERVER1_SECRET } = spec.rotatedEnv;
    await expectToken('EnvHuman', spec.rotatedEnv.ENV_HUMAN ?? '', SERVER1_SECRET);
    await expectToken('EnvGenerated', spec.rotatedEnv.ENV_GENERATED ?? '', SERVER1_SECRET);
    const ended = await server.stop();
    expectClean('serve with rotated variables', ended.stdout + ended.stderr, '"outcome":"issued"');
    watchMade();
    expectStoreClean();

    await expectDriftClean(store);
  });
});

describe('secrets that are where none may be', () => {
  it('each is an error that shows nothing of it, whatever is asked', async () => {
    const literal = createCanaries();
    for (const [name, text] of Object.entries(baseSpec(workspace.issuer))) workspace.write(`../invalid/${name}`, text);
    const directory = file('invalid');
    execFileSync('git', ['-C', workspace.root, 'add', 'invalid']);
    execFileSync('git', [
      '-C',
      workspace.root,
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@example.com',
      'commit',
      '--quiet',
      '-m',
      'base',
    ]);
    const files = writeLiterals(literal, '../invalid');
    const besides = [literal];
    const overlaid = [directory, '--overlay', 'prod'];

    const checked = outputs('invalid', ['json', 'sarif', 'junit']);
    await run(['validate', ...overlaid, ...checked.argv], { code: 3, shows: 'secret.literal', besides });
    checked.expectAllClean('secret.literal', besides);
    const { diagnostics } = JSON.parse(readFileSync(file('invalid.json'), 'utf8')) as {
      readonly diagnostics: readonly { readonly severity: string; readonly range?: { readonly file: string } }[];
    };
    const wrong = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ range }) => range?.file));
    expect(files.filter((path) => !wrong.has(path))).toEqual([]);

    for (const against of ['store', 'ref:HEAD', `dir:${workspace.spec}`]) {
      const planned = outputs('invalid-plan');
      const argv = [
        'plan',
        ...overlaid,
        '--against',
        against,
        ...(against === 'store' ? ['--store', file('none.db')] : []),
        ...planned.argv,
      ];
      await run(argv, { code: 3, shows: 'secret.literal', besides });
      planned.expectAllClean(/secret\.literal/, besides);
    }
    await run(['apply', ...overlaid, '--store', file('none.db')], { code: 3, shows: 'secret.literal', besides });
    await run(['serve', ...overlaid, '--store', file('none.db')], { code: 3, shows: 'secret.literal', besides });
    await run(['plan', workspace.spec, '--against', `dir:${directory}`], { code: 3, shows: directory, besides });
    await run(['fmt', directory], { code: 3, shows: 'yaml.', besides });
    await run(['help', 'secret.literal'], { shows: 'Secret written in the spec', env: spec.env });
  });
});

/** Each literal secret in a file of its own; the files, relative to `below`. */
function writeLiterals(canaries: Canaries, below: string): readonly string[] {
  const plant = (name: string) => canaries.plant(name);
  const generate = (name: string) => canaries.watch(name, generatedSecret());
  return [
    ...Object.entries(LITERAL_SECRETS).map(([name, write]) => ({ path: name, text: write(plant(name), siteOf(name)) })),
    ...Object.entries(GENERATED_SECRETS).map(([name, write]) => ({
      path: name,
      text: write(generate(name), siteOf(name)),
    })),
    ...Object.entries(OVERLAY_SECRETS).map(([name, write]) => ({
      path: `overlays/prod/${name}`,
      text: write(plant(name), ''),
    })),
  ].map(({ path, text }) => {
    workspace.write(`${below}/${path}.yaml`, text);
    return `${path}.yaml`;
  });
}

function siteOf(name: string): string {
  return `Site-${name.replace(/[^\w-]/g, '_')}`;
}

async function expectToken(
  client: string,
  secret: string,
  serverSecret = spec.env.SERVER1_SECRET ?? '',
): Promise<void> {
  const { status, body } = await token(workspace, client, secret, 'Server1');
  expect(status, `${client}: ${JSON.stringify(body)}`).toBe(200);
  // A JWT is its signature: the rest of it is known.
  issued.watch('an access token', body.access_token.split('.').at(-1));
  const seen = await introspect(workspace, body.access_token, 'Server1', serverSecret);
  expect(seen.body.active, client).toBe(true);
}

/** Secrets in requests that fail: each where somebody sends one. */
async function sendWrong(): Promise<void> {
  const wrong = (place: string) => spec.secrets.plant(`a request: ${place}`);
  const path = '/oauth2/token';
  const grant = { grant_type: 'client_credentials' };
  for (const client of [...CLIENTS, 'Nobody']) expect((await token(workspace, client, wrong('body'))).status).toBe(401);
  await post(workspace, path, grant, basic('Hashed', wrong('basic')));
  await post(workspace, path, grant, {
    authorization: `Basic ${Buffer.from(wrong('basic without a client')).toString('base64')}`,
  });
  await post(workspace, path, grant, { authorization: `Basic ${wrong('no base64')}!` });
  await post(workspace, path, grant, { authorization: `Bearer ${wrong('bearer')}` });
  await post(workspace, path, {
    ...grant,
    client_id: 'Hashed',
    client_assertion: wrong('assertion'),
    client_assertion_type: 'x',
  });
  await post(workspace, path, `client_secret=${wrong('twice')}&client_secret=${wrong('twice')}&client_id=Hashed`);
  await post(workspace, path, `{"client_secret":"${wrong('json')}"`, { 'content-type': 'application/json' });
  await post(workspace, `${path}?client_id=Hashed&client_secret=${wrong('query')}`, grant);
  await post(workspace, '/oauth2/introspection', { token: wrong('token') }, basic('Server1', wrong('introspection')));
  await post(
    workspace,
    '/oauth2/introspection',
    { token: wrong('token') },
    basic('Server1', spec.env.SERVER1_SECRET ?? ''),
  );
  await fetch(`${workspace.issuer}/oauth2/userinfo?access_token=${wrong('userinfo')}`, {
    headers: { authorization: `Bearer ${wrong('userinfo')}` },
  });
  await fetch(`${workspace.issuer}/nowhere?client_secret=${wrong('no such path')}`, {
    headers: { cookie: `session=${wrong('cookie')}` },
  });
}

/** Watches for what the store has to check secrets with, and to sign. */
function watchMade(): void {
  const database = new Database(workspace.store, { readonly: true });
  for (const phc of database.prepare('SELECT phc FROM verifier').pluck().all() as string[]) {
    for (const part of phc.split('$').slice(phc.startsWith('$sha256$') ? -1 : -2)) made.watch('a verifier', part);
  }
  for (const jwk of database.prepare('SELECT jwk FROM signing_key').pluck().all() as string[]) {
    const { d } = JSON.parse(jwk) as { readonly d?: string };
    if (d !== undefined) made.watch('a signing key', d);
  }
  database.close();
}

/** Where written hashes stand in a store: in entities, and in the changes from which older ones come back. */
const WITH_HASHES: ReadonlySet<string> = new Set(['entity.body', 'revision.plan']);

function expectStoreClean(besides: readonly Canaries[] = []): void {
  const columns = dumpStore(workspace.store);
  expect([...columns.keys()]).toEqual(
    expect.arrayContaining(['verifier.phc', 'signing_key.jwk', 'revision.summary', 'entity.origin']),
  );
  for (const [column, text] of columns) {
    expect(
      [spec.secrets, issued, ...besides].flatMap((canaries) => canaries.foundIn(text)),
      column,
    ).toEqual([]);
    if (!WITH_HASHES.has(column)) expect(spec.hashes.foundIn(text), column).toEqual([]);
  }
  expect(spec.hashes.foundIn(columns.get('entity.body') ?? '')).not.toEqual([]);
  const bytes = storeBytes(workspace.store);
  expect([spec.secrets, issued, ...besides].flatMap((canaries) => canaries.foundIn(bytes))).toEqual([]);
  expect(spec.harmless.foundIn(bytes)).toContain('client_name');
}

/** What somebody else wrote into the rows is told, and the hash in it is not. */
async function expectDriftClean(store: readonly string[]): Promise<void> {
  const database = new Database(workspace.store);
  const other = spec.hashes.plant('a hash that somebody else wrote');
  database
    .prepare("UPDATE entity SET body = replace(body, '$argon2id$', ?) WHERE address = 'application:Example/Hashed'")
    .run(`$argon2id$${other}`);
  database.close();
  const drift = outputs('drift');
  const said = await run(['plan', workspace.spec, ...store, ...drift.argv], { shows: 'Drift' });
  expect(said).toContain('Hashed');
  drift.expectAllClean(/Example|site\.yaml/);
}
