// Canary secrets in variables, files and hashes: none of them comes out again, of no command, no running server and no store
// (DESIGN 1, 3, 6).

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Canaries, createCanaries, randomText } from './canary.ts';
import { commitDirectory, createSearch, type Search } from './canary-search.ts';
import { type CanarySpec, CLIENTS, createCanarySpec } from './canary-spec.ts';
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
import { literalFiles } from './literal-secrets.ts';
import { dumpStore, storeBytes } from './store-dump.ts';

let workspace: Workspace;
let spec: CanarySpec;
let server: Server | undefined;
/** What the program checks secrets with and signs with: in no output either. */
const made = createCanaries();
/** The tokens that it issued: in no store either. */
const issued = createCanaries();

let search: Search;

const file = (name: string): string => join(workspace.root, name);
/** All that there is to say. */
const LOUD = { CHARTER_DEBUG: '1', CHARTER_LOG_LEVEL: 'trace' };

beforeAll(async () => {
  workspace = await createWorkspace();
  spec = await createCanarySpec(workspace);
  spec.writeFirst();
  search = createSearch(workspace, [spec.secrets, spec.hashes, made, issued]);
});

afterAll(async () => {
  await server?.stop();
  workspace.remove();
});

// Each test starts a handful of processes.
describe('secrets that are where they belong', { timeout: 90_000 }, () => {
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
    const checked = search.outputs('checked', ['json', 'sarif', 'junit']);
    await search.run(['validate', workspace.spec, ...checked.argv], {
      shows: 'application.unreachable',
      env: spec.env,
    });
    checked.expectClean('application.unreachable');
    await search.run(['fmt', '--check', workspace.spec], { code: 1, shows: 'site.yaml' });

    const first = search.outputs('first', ['json', 'md', 'sarif', 'junit', 'out']);
    await search.run(['plan', workspace.spec, '--store', workspace.store, ...first.argv], {
      shows: 'application EnvHuman',
      env: spec.env,
    });
    first.expectClean(/Example|site\.yaml/);
    const saved = file('first.plan.json');
    // A harmless canary beside the others is there: what was searched is what they would stand in.
    expect(spec.harmless.foundIn(readFileSync(saved))).toEqual(['client_name']);
    await search.run(['show', saved, '--full'], { shows: 'application Hashed' });

    commitDirectory(workspace, 'config');
    cpSync(workspace.spec, file('before'), { recursive: true });
    spec.writeSecond();
    for (const base of [['ref:HEAD', '--overlay', file('overlay')], [`dir:${file('before')}`]]) {
      const compared = search.outputs('compared');
      const argv = ['plan', workspace.spec, '--against', ...base, ...compared.argv];
      const said = await search.run(argv, { code: 5, shows: 'hash (sensitive)', env: spec.env });
      expect(spec.harmless.foundIn(said)).toEqual(['client_name', 'the next client_name']);
      compared.expectClean(/Example|site\.yaml/);
      expect(spec.harmless.foundIn(readFileSync(file('compared.md')))).toEqual(['client_name', 'the next client_name']);
    }
    spec.writeFirst();
  });

  it('what goes wrong on the way to an apply', async () => {
    const { ENV_HUMAN: _, ...lacking } = spec.env;
    const store = ['--store', workspace.store];
    const missing = search.outputs('missing');
    await search.run(['apply', workspace.spec, ...store, ...missing.argv], {
      code: 1,
      shows: 'ENV_HUMAN',
      env: lacking,
    });
    missing.expectClean('ENV_HUMAN');
    // No UTF-8, and the secret of somebody else at its beginning.
    const put = workspace.read('human.secret');
    writeFileSync(join(workspace.spec, 'human.secret'), Buffer.concat([Buffer.from(put), Buffer.from([0xff, 0xfe])]));
    await search.run(['apply', workspace.spec, ...store], { code: 1, shows: 'human.secret', env: spec.env });
    workspace.write('human.secret', put);

    // Another spec, which has none of the hashes.
    workspace.write('../secure/server.yaml', `server: { issuer: "https://localhost:${workspace.port}" }\n`);
    await search.run(['apply', file('first.plan.json'), ...store, '--dir', file('secure')], {
      code: 6,
      shows: 'was not made of the spec',
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
      await search.run(['show', file(`${name}.json`)], { code: 1, shows: `${name}.json` });
    }
    writeFileSync(file('no-store'), `${human}\n`.repeat(200));
    await search.run(['plan', workspace.spec, '--store', file('no-store')], { code: 1, shows: 'no-store' });
    const tls = ['--tls-cert', file('no-store'), '--tls-key', file('no-store')];
    await search.run(['serve', file('secure'), '--store', file('none.db'), ...tls], { code: 1, shows: 'PEM' });
  });
});

describe('a store and its server', { timeout: 90_000 }, () => {
  it('apply of the saved plan, and token requests with right and with wrong secrets', async () => {
    const applied = search.outputs('applied', ['json', 'md', 'sarif']);
    const argv = [
      'apply',
      file('first.plan.json'),
      '--dir',
      workspace.spec,
      '--store',
      workspace.store,
      ...applied.argv,
    ];
    await search.run(argv, { shows: 'Applied generation 1', env: spec.env });
    applied.expectClean(/Example|site\.yaml/);
    watchMade();

    server = await serve(workspace, { env: { ...spec.env, ...LOUD } });
    for (const [client, secret] of Object.entries(spec.presented)) await expectToken(client, secret);
    await sendWrong();
    await server.stop().then(({ stdout, stderr }) => {
      search.expectClean('stdout of serve', stdout, 'serves http://localhost');
      search.expectClean('the log', stderr, '"outcome":"issued"');
      expect(stderr).toContain('CLIENT_AUTHENTICATION_FAILED');
    });
    watchMade();
    expectStoreClean();
    expect(dumpStore(workspace.store).get('access_token.hash')).toBeDefined();
  });

  it('a reload with invalid files, one that is held and approved, and one of a file', async () => {
    server = await serve(workspace, { env: { ...spec.env, ...LOUD } });
    const literal = createCanaries();
    const files = literalFiles(literal);
    for (const { path, text } of files) workspace.write(`literal/${path}`, text);
    const told = await eventually(async () => {
      const status = JSON.stringify(await server?.status());
      if (!status.includes('secret.literal')) throw new Error(status);
      return status;
    });
    search.expectClean('/status of a refused reload', told, 'secret.literal', [literal]);
    for (const { path } of files) workspace.write(`literal/${path}`, '# nothing\n');
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
    await search.run(['status', '--store', workspace.store], { shows: 'held' });
    await search.run(['approve', ...held, '--store', workspace.store], { shows: 'is applied and served' });
    expect((await token(workspace, 'FileGenerated', spec.rotatedFile)).status).toBe(200);
    search.expectClean('/status', JSON.stringify(await server.status()), 'generation');
    watchMade();

    const { stdout, stderr } = await server.stop();
    search.expectClean('stdout of serve', stdout, 'hash (sensitive)', [literal]);
    search.expectClean('the log', stderr, 'secret.literal', [literal]);
    expectStoreClean([literal]);
  });

  it('history, rollback, export, drift, and a start with rotated variables', async () => {
    const store = ['--store', workspace.store];
    const listed = JSON.parse(await search.run(['history', ...store, '--json'], { shows: '"generation"' }));
    const [newest] = listed.revisions as readonly { readonly generation: number }[];
    const said = await search.run(['history', String(newest?.generation), ...store], { shows: 'hash (sensitive)' });
    expect(spec.harmless.foundIn(said)).toEqual(['client_name', 'the next client_name']);

    const back = await search.run(['rollback', '1', ...store, '--dir', workspace.spec, '--json', file('back.json')], {
      shows: 'Rolled back',
      env: spec.env,
    });
    expect(spec.harmless.foundIn(back)).toEqual(['client_name', 'the next client_name']);
    search.expectClean('the JSON of a rollback', readFileSync(file('back.json')), 'EnvHuman');

    // YAML of the State: a spec that lacked its written hashes would be another one.
    const exported = await charter(['export', ...store], { env: LOUD });
    expect(exported.code, exported.stderr).toBe(0);
    expect(spec.hashes.foundIn(exported.stdout)).toEqual(['the hash', 'the hash of several']);
    expect([spec.secrets, made].flatMap((canaries) => canaries.foundIn(exported.stdout))).toEqual([]);
    expect(spec.harmless.foundIn(exported.stdout)).toEqual(['client_name']);

    spec.writeFirst();
    server = await serve(workspace, { env: { ...spec.rotatedEnv, ...LOUD } });
    const { SERVER1_SECRET } = spec.rotatedEnv;
    await expectToken('EnvHuman', spec.rotatedEnv.ENV_HUMAN ?? '', SERVER1_SECRET);
    await expectToken('EnvGenerated', spec.rotatedEnv.ENV_GENERATED ?? '', SERVER1_SECRET);
    const ended = await server.stop();
    search.expectClean('serve with rotated variables', ended.stdout + ended.stderr, '"outcome":"issued"');
    watchMade();
    expectStoreClean();

    await expectDriftClean(store);
  });
});

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
  const drift = search.outputs('drift');
  const said = await search.run(['plan', workspace.spec, ...store, ...drift.argv], { shows: 'Drift' });
  expect(said).toContain('Hashed');
  drift.expectClean(/Example|site\.yaml/);
}
