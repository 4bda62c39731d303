// kill -9 in front of each statement of each small write that is more than one: nothing of it is kept. After it was
// answered, all of it is.

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { GroupedVerbs } from '../../src/store/protocol.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import {
  accessToken,
  codeOf,
  grantOf,
  refreshToken,
  sessionOf,
  signingKey,
  successor,
  temporaryDirectory,
} from './fixture.ts';

/** With the answer that each gives where it is not killed. */
type Case = {
  [Verb in keyof GroupedVerbs]: readonly [Verb, Parameters<GroupedVerbs[Verb]>, ReturnType<GroupedVerbs[Verb]>];
}[keyof GroupedVerbs];

const ROWS = {
  grant: grantOf('new', { session: 'sid-1' }),
  accessToken: accessToken('access new', 'new'),
  refreshToken: refreshToken('refresh new', 'new'),
};
const NEXT = successor('next', 'g');
const AT = { now: 5_000_000, grace: 1000 };

const CASES: readonly (readonly [string, ...Case])[] = [
  ['a code is redeemed', 'redeemCode', ['code', ROWS], 'redeemed'],
  ['a code is replayed', 'redeemCode', ['used', ROWS], 'replayed'],
  ['a Grant begins', 'insertGrant', [ROWS], undefined],
  ['a token is rotated', 'rotateRefreshToken', ['r1', NEXT, accessToken('a', 'g'), AT], { kind: 'rotated' }],
  ['a token is reused', 'rotateRefreshToken', ['r0', NEXT, accessToken('a', 'g'), AT], { kind: 'reused' }],
  ['a session is replaced', 'insertSession', [{ hash: 's2', record: sessionOf('sid-2') }, 's'], undefined],
  ['a session ends', 'endSession', ['sid-1'], ['application:Example/Client1']],
  ['a consent is withdrawn', 'withdrawConsent', ['user:Example/User1', 'application:Example/Client1'], undefined],
  [
    'what a user has is taken back',
    'endIssued',
    [{ user: 'user:Example/User1' }, 100],
    {
      sessions: 1,
      codes: 1,
      consents: 1,
      grants: 1,
      accessTokens: 1,
      stays: [{ sid: 'sid-1', user: 'user:Example/User1', clients: ['application:Example/Client1'] }],
    },
  ],
  ['expired rows go', 'removeExpired', [200_000, 100], 10],
  ['keys are added', 'insertSigningKeys', [[signingKey('a', 'ES256'), signingKey('b', 'ES256')]], undefined],
];

/** A file with something for each of them to change. */
async function fill(path: string): Promise<void> {
  const store = await openSqliteStore(path);
  await store.insertSession({ hash: 's', record: sessionOf('sid-1') });
  await store.insertCode({ hash: 'code', record: codeOf() });
  await store.insertCode({ hash: 'used', record: codeOf() });
  await store.redeemCode('used', {
    grant: grantOf('g', { session: 'sid-1' }),
    accessToken: accessToken('access g', 'g'),
    refreshToken: refreshToken('r0', 'g'),
  });
  await store.rotateRefreshToken('r0', successor('r1', 'g'), undefined, { now: 1_000_000, grace: 1000 });
  await store.keepConsent({
    user: 'user:Example/User1',
    client: 'application:Example/Client1',
    scopes: [],
    generation: 1,
    granted_at: 1,
  });
  await store.useAssertion('application:Example/Client1', 'jti', 9000);
  await store.revokeJwt('jti', 9000);
  await store.insertAccessToken('alone', accessToken('alone', '', { grant: undefined }).record);
  await store.close();
}

/** All rows of all tables. */
function rowsOf(path: string): unknown {
  const db = new Database(path, { readonly: true });
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();
  const rows = tables.map((table) => [table, db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()]);
  db.close();
  return rows;
}

function run(path: string, [, verb, args]: (typeof CASES)[number], dieBefore: number) {
  const child = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'kill-verb-child.mjs'), path, verb, JSON.stringify(args), String(dieBefore)],
    { encoding: 'utf8' },
  );
  return { signal: child.signal, stderr: child.stderr, stdout: child.stdout };
}

test('a small write that is killed in front of any of its statements keeps nothing', { timeout: 300_000 }, async () => {
  const directory = temporaryDirectory(onTestFinished);
  const filled = join(directory, 'filled.db');
  await fill(filled);
  const before = rowsOf(filled);
  for (const [index, one] of CASES.entries()) {
    const path = join(directory, `${index}.db`);
    copyFileSync(filled, path);
    for (let statement = 1; ; statement++) {
      const { signal, stderr, stdout } = run(path, one, statement);
      if (signal === null) {
        expect(stderr).toBe('');
        const { told, statements } = JSON.parse(stdout) as { told: readonly { value: unknown }[]; statements: number };
        expect(
          told.map(({ value }) => value ?? undefined),
          one[0],
        ).toEqual([one[3]]);
        expect(statements, 'each was died in front of').toBe(statement - 1);
        expect(statements, `${one[0]}: more than one, and the commit`).toBeGreaterThan(2);
        expect(rowsOf(path), `${one[0]}, whole`).not.toEqual(before);
        break;
      }
      expect(signal, stderr).toBe('SIGKILL');
      expect(rowsOf(path), `${one[0]}, killed in front of statement ${statement}`).toEqual(before);
    }
  }
});
