// Owns what a golden case needs and no text file can hold: large files, links, FIFOs, databases, a port in use.
// Each answers texts that differ from run to run, with the words that the case has in their place.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { SigningAlgorithm } from '../../src/model/entity.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { git, initialize } from '../reconcile/repository.ts';
import { accessToken, codeOf, grantOf, refreshToken, sessionOf, tokenRecord } from '../store/fixture.ts';
import { charterHere } from './case.ts';

type Replacements = readonly (readonly [real: string, shown: string])[];
type Setup = (cwd: string, given: readonly string[]) => Replacements | Promise<Replacements>;

/** Every secret that the cases use. */
const SECRETS = { CLIENT1_SECRET: 'correct-horse-battery-staple' };

/** As `charter secret generate` prints one: it costs no Argon2id. Cases that use `run` have it in their env. */
const GENERATED = { CLIENT1_SECRET: formatGeneratedSecret(new Uint8Array(32)) };

/** The files beside the specs that commands made, by all that they could see: most cases begin with the same commands. */
const known = new Map<string, readonly (readonly [name: string, content: Buffer])[]>();

/** What is no directory in it: stores and plans. */
function filesIn(cwd: string): (readonly [name: string, content: Buffer])[] {
  const entries = readdirSync(cwd, { withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ name }) => [name, readFileSync(join(cwd, name))]);
}

/** Undefined in a repository, whose commit is recorded too, and of a command that makes directories. */
function sightOf(cwd: string, argv: readonly string[], env: Record<string, string>): string | undefined {
  if (existsSync(join(cwd, '.git')) || argv[0] === 'export') return undefined;
  const named = argv.filter((word) => existsSync(join(cwd, word)) && statSync(join(cwd, word)).isDirectory());
  const specs = named.flatMap((directory) =>
    readdirSync(join(cwd, directory), { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((name) => statSync(join(cwd, directory, name)).isFile())
      .map((name) => [directory, name, readFileSync(join(cwd, directory, name), 'utf8')]),
  );
  return JSON.stringify([argv, env, specs, filesIn(cwd).map(([name, content]) => [name, content.toString('base64')])]);
}

/** In this process; where the same was run before, by what it made. It has to end with the code. */
async function runOnce(argv: readonly string[], cwd: string, env: Record<string, string>, code: number): Promise<void> {
  const sight = sightOf(cwd, argv, env);
  const made = sight === undefined ? undefined : known.get(sight);
  if (made !== undefined) {
    for (const [name, content] of made) writeFileSync(join(cwd, name), content, { mode: 0o600 });
    return;
  }
  const answer = await charterHere(argv, cwd, env);
  if (answer.code !== code) {
    throw new Error(`the setup ended with ${answer.code}, not ${code}:\n${answer.stdout}${answer.stderr}`);
  }
  if (sight !== undefined) known.set(sight, filesIn(cwd));
}

export const SETUPS: Readonly<Record<string, Setup>> = {
  /** directory PATH */
  directory(cwd, [path = '']) {
    mkdirSync(join(cwd, path), { recursive: true });
    return [];
  },
  /** large PATH MEGABYTES: of spaces and comments, valid YAML */
  large(cwd, [path = '', megabytes = '']) {
    writeFileSync(join(cwd, path), '# a comment that is long enough\n'.repeat((Number(megabytes) * 1024 * 1024) / 32));
    return [];
  },
  fifo(cwd, [path = '']) {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(cwd, path)]);
    return [];
  },
  /** link PATH TARGET */
  link(cwd, [path = '', target = '']) {
    symlinkSync(target, join(cwd, path));
    return [];
  },
  /** apply DIR: with every secret that the examples use */
  async apply(cwd, [directory = '']) {
    await runOnce(['apply', directory], cwd, SECRETS, 0);
    return [];
  },
  /** saved FILE ARGUMENT…: charter with --json FILE, whatever comes of it; when and by what is shown as <time>, <version> */
  async saved(cwd, [file = '', ...argv]) {
    await charterHere([...argv, '--json', file], cwd, SECRETS);
    const { timestamp, engine_version }: { readonly timestamp?: string; readonly engine_version: string } = JSON.parse(
      readFileSync(join(cwd, file), 'utf8'),
    );
    const time: Replacements = timestamp === undefined ? [] : [[timestamp, '<time>']];
    return [...time, [`Charter ${engine_version}`, 'Charter <version>']];
  },
  /** sql STATEMENT…: on charter.db, which is made where it is missing */
  sql(cwd, words) {
    const database = new Database(join(cwd, 'charter.db'));
    database.exec(words.join(' '));
    database.close();
    return [];
  },
  /** committed DIR: a repository here, whose only commit has what DIR holds; DIR goes. The commit is shown as <commit> */
  committed(cwd, [directory = '']) {
    initialize(cwd);
    git(cwd, '--work-tree', directory, 'add', '--all');
    git(cwd, '--work-tree', directory, 'commit', '--quiet', '-m', 'the base');
    rmSync(join(cwd, directory), { recursive: true });
    const commit = git(cwd, 'rev-parse', 'HEAD');
    return [40, 12, 7].map((digits) => [commit.slice(0, digits), '<commit>'] as const);
  },
  /** run [CODE] ARGUMENT…: charter in this process, which has to end with the code, 0 where none is given */
  async run(cwd, [first = '', ...others]) {
    const isCode = /^\d+$/.test(first);
    await runOnce(isCode ? others : [first, ...others], cwd, GENERATED, isCode ? Number(first) : 0);
    return [];
  },
  /** risks DIR: the digest of each risk of its plan is shown as <KIND> */
  async risks(cwd, [directory = '']) {
    const { stdout } = await charterHere(['plan', directory, '--json', '-'], cwd);
    const { risks }: { readonly risks: readonly { readonly kind: string; readonly digest: string }[] } =
      JSON.parse(stdout);
    if (risks.length === 0) throw new Error('the plan has no risk');
    return risks.map(({ kind, digest }) => [digest, `<${kind}>`] as const);
  },
  /** empty-store: charter.db, in which nothing was ever applied */
  async 'empty-store'(cwd) {
    await (await openSqliteStore(join(cwd, 'charter.db'))).close();
    return [];
  },
  /** key KID ALG FROM [LIFE]: a signing key in charter.db, which signs from the instant on; tokens live so many seconds */
  async key(cwd, [kid = '', alg = '', from = '', life = '3600']) {
    const store = await openSqliteStore(join(cwd, 'charter.db'));
    const [jwk, active_from] = [{ kty: 'EC', d: 'private' }, Date.parse(from)];
    const key = { kid, alg: alg as SigningAlgorithm, jwk, active_from, longest_ttl: Number(life) };
    await store.insertSigningKeys([{ ...key, created_at: Math.min(active_from, Date.UTC(2026, 0, 1)) }]);
    await store.close();
    return [];
  },
  /**
   * issued ID CLIENT USER WHAT INSTANT: in charter.db, alive until the year 2999. `refresh` is a Grant with a refresh token,
   * `access` one with an opaque access token, `alone` an opaque access token; without a user where USER is `-`.
   */
  async issued(cwd, [id = '', client = '', user = '', what = '', since = '']) {
    const store = await openSqliteStore(join(cwd, 'charter.db'));
    const seconds = { issued_at: Date.parse(since) / 1000, expires_at: Date.UTC(2999, 0) / 1000 };
    const more = {
      client: `application:${client}` as ApplicationAddress,
      client_id: client.split('/')[1] ?? '',
      user: user === '-' ? undefined : (`user:${user}` as UserAddress),
      audiences: ['api'],
      scopes: ['openid', 'notes'],
      ...seconds,
    };
    const grant = grantOf(id, { ...more, session: `sid-${user}`, offline: true });
    if (what === 'refresh') await store.insertGrant({ grant, refreshToken: refreshToken(`r ${id}`, id, seconds) });
    else if (what === 'access') await store.insertGrant({ grant, accessToken: accessToken(`a ${id}`, id, more) });
    else await store.insertAccessToken(`a ${id}`, tokenRecord({ ...more, id }));
    await store.close();
    return [];
  },
  /** login USER CLIENT: in charter.db, a session with a code for the client and a remembered consent */
  async login(cwd, [user = '', client = '']) {
    const store = await openSqliteStore(join(cwd, 'charter.db'));
    const of = { user: `user:${user}` as UserAddress, client: `application:${client}` as ApplicationAddress };
    const record = sessionOf(`sid-${user}`, { user: of.user, expires_at: Date.UTC(2999, 0) / 1000 });
    await store.insertSession({ hash: `s ${user}`, record });
    await store.insertCode({ hash: `c ${user} ${client}`, record: codeOf({ ...of, session: record.sid }) });
    await store.keepConsent({ ...of, scopes: ['notes'], generation: 1, granted_at: 1 });
    await store.close();
    return [];
  },
  /** times: every generation was applied a minute after the one before, from 2026-01-01T00:01:00Z on */
  times(cwd) {
    const database = new Database(join(cwd, 'charter.db'));
    database.prepare('UPDATE revision SET applied_at = ? + 60000 * generation').run(Date.UTC(2026, 0, 1));
    database.close();
    return [];
  },
  /** digest GENERATION: that of the generation is shown as <digest GENERATION> */
  digest(cwd, [generation = '']) {
    const database = new Database(join(cwd, 'charter.db'), { readonly: true });
    const digest = database.prepare('SELECT digest FROM revision WHERE generation = ?').pluck().get(generation);
    database.close();
    return [[String(digest), `<digest ${generation}>`]];
  },
  /** replace FILE FROM TO: everywhere in a file, a text without a space by another */
  replace(cwd, [file = '', from = '', to = '']) {
    const before = readFileSync(join(cwd, file), 'utf8');
    if (!before.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(join(cwd, file), before.replaceAll(from, to));
    return [];
  },
  /** cut FILE: to its first half */
  cut(cwd, [file = '']) {
    const before = readFileSync(join(cwd, file), 'utf8');
    writeFileSync(join(cwd, file), before.slice(0, before.length / 2));
    return [];
  },
  /** remove PATH */
  remove(cwd, [path = '']) {
    rmSync(join(cwd, path), { recursive: true });
    return [];
  },
  /** commit PATH NAME: commits it in the repository here, which is made where there is none; shown as <NAME> */
  commit(cwd, [path = '', name = 'commit']) {
    if (!existsSync(join(cwd, '.git'))) initialize(cwd);
    git(cwd, 'add', '--all', path);
    git(cwd, 'commit', '--quiet', '-m', name);
    const commit = git(cwd, 'rev-parse', 'HEAD');
    return [40, 12, 7].map((digits) => [commit.slice(0, digits), `<${name}>`] as const);
  },
  /** busy: a port that another process listens on, shown as <port> */
  async busy() {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return [[String(address.port), '<port>']];
  },
};
