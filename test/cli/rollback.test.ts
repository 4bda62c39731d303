// The way back to what was applied once. What each refusal says, the cases show (cases/rollback-*.txt).

import { createServer } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { operatorSocketPath } from '../../src/http/operator-socket.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { type Answer, charterHere, workplace, writeFiles } from './case.ts';

/** It costs no Argon2id. */
const SECRET = formatGeneratedSecret(new Uint8Array(32));

/** Specs of a history: users come and go, an application is renamed and another one takes its name. */
function spec(applications: string, more = ''): string {
  return `server: { issuer: "http://localhost:8080", safety: { deletes: { percent: 100, at_least: 100 } } }
methods: { cc: { type: client_credentials } }
---
site: A
methods: [cc]
defaults: { applications: { methods: [cc] }, users: { methods: [cc] }, groups: { methods: [cc] } }
applications:
  S: { allowed_to: [G] }
${applications}groups: { G: { members: [U] } }
users: { U: }
${more}`;
}

const client = (name: string, id = name) =>
  `  ${name}: { client_id: ${id}, secret: { env: C_SECRET }, impersonates: U, metadata: { grant_types: [client_credentials], scope: S } }\n`;
const moved = (from: string, to: string) => `moved: [{ from: application:${from}, to: ${to} }]\n`;

/** By generation. The client of the name B is first that of A, then that of C. */
const HISTORY = [
  spec(client('A') + client('C')),
  spec(client('B', 'A') + client('C'), moved('A', 'B')),
  spec(client('C')),
  spec(client('B', 'C'), moved('C', 'B')),
];

async function run(
  cwd: string,
  line: string,
  code = 0,
  env: Record<string, string> = { C_SECRET: SECRET },
): Promise<Answer> {
  const answer = await charterHere(line.split(' '), cwd, env);
  expect(answer.code, `${line}\n${answer.stdout}${answer.stderr}`).toBe(code);
  return answer;
}

interface Revision {
  readonly generation: number;
  readonly digest: string;
  readonly rollback_to?: number;
}

async function revisions(cwd: string): Promise<readonly Revision[]> {
  return JSON.parse((await run(cwd, 'history --json')).stdout).revisions;
}

async function withHistory(): Promise<string> {
  const cwd = workplace();
  for (const text of HISTORY) {
    writeFiles(cwd, [['config/a.yaml', text]]);
    await run(cwd, 'apply config');
  }
  return cwd;
}

function rowsOf(cwd: string, sql: string): unknown[] {
  const database = new Database(join(cwd, 'charter.db'), { readonly: true });
  const rows = database.prepare(sql).raw().all();
  database.close();
  return rows;
}

describe('charter rollback', () => {
  it('to each generation leads to the State of that one, as a generation of its own', async () => {
    const cwd = await withHistory();
    const before = await revisions(cwd);
    for (const [step, to] of [3, 4, 1].entries()) {
      await run(cwd, `rollback ${to}`);
      const [newest] = await revisions(cwd);
      const wanted = before.find(({ generation }) => generation === to);
      expect(newest).toMatchObject({ generation: 5 + step, digest: wanted?.digest, rollback_to: to });
      expect((await run(cwd, `rollback ${to}`)).stdout).toContain('Nothing to roll back');
    }
    // The last way back leads to what the first spec declares.
    writeFiles(cwd, [['config/a.yaml', HISTORY[0] as string]]);
    expect((await run(cwd, 'plan config --detailed-exitcode')).stdout).toMatch(/^No changes/);
  });

  it('follows an entity and not its name: the tokens of one client never become those of another', async () => {
    const cwd = await withHistory();
    const { stdout } = await run(cwd, 'rollback 1');
    expect(stdout).toContain('> application B → C');
    expect(stdout).toContain('+ application A');
    // C is as old as it ever was; A was deleted once, and its tokens of before are dead.
    const since = rowsOf(cwd, "SELECT address, since FROM entity WHERE address LIKE 'application:A/_' ORDER BY 1");
    expect(since).toEqual([
      ['application:A/A', 5],
      ['application:A/C', 1],
      ['application:A/S', 1],
    ]);
  });

  it('needs only the secrets that the store cannot check, and renews those that changed', async () => {
    const cwd = workplace();
    const two = spec(client('C') + client('D').replace('C_SECRET', 'D_SECRET'));
    for (const text of [two, two.replace('users: { U: }', 'users: { U: , V: }'), spec(client('C'))]) {
      writeFiles(cwd, [['config/a.yaml', text]]);
      await run(cwd, 'apply config', 0, { C_SECRET: SECRET, D_SECRET: SECRET });
    }
    const missing = await run(cwd, 'rollback 1', 1, {});
    expect(missing.stderr).toContain('application A/D: the environment variable D_SECRET is not set');
    expect(missing.stderr).not.toContain('C_SECRET');
    const { stdout } = await run(cwd, 'rollback 1', 0, { D_SECRET: SECRET });
    expect(stdout).not.toContain('New secrets');
    const renewed = await run(cwd, 'rollback 2', 0, { C_SECRET: formatGeneratedSecret(new Uint8Array(32).fill(1)) });
    expect(renewed.stdout).toContain('applied generation 5. New secrets: A/C.');
  });

  it('asks where the spec is, when a file of a secret is not where it looked and nobody said it', async () => {
    const cwd = workplace();
    const file = spec(client('C').replace('{ env: C_SECRET }', '{ file: secrets/c }'));
    writeFiles(cwd, [
      ['config/a.yaml', file],
      ['config/secrets/c', SECRET],
    ]);
    await run(cwd, 'apply config');
    writeFiles(cwd, [['config/a.yaml', spec(client('D'))]]);
    await run(cwd, 'apply config');
    const asked = 'where it is, --dir says';
    expect((await run(cwd, 'rollback 1', 1)).stderr).toContain(asked);
    expect((await run(cwd, 'rollback 1 --dir .', 1)).stderr).not.toContain(asked);
    expect((await run(cwd, 'rollback 1 --dir config')).stdout).toContain('charter resume\n');
  });

  it('names the store in what it suggests, where that is not the one that a command takes by itself', async () => {
    const cwd = workplace();
    for (const text of HISTORY.slice(0, 2)) {
      writeFiles(cwd, [['config/a.yaml', text]]);
      await run(cwd, 'apply config --store other.db');
    }
    const { stdout } = await run(cwd, 'rollback 1 --store other.db');
    expect(stdout).toContain(`or until: charter resume --store ${cwd}/other.db\n`);
    const { stderr } = await run(cwd, 'approve deletes:A@0123456789abcdef --store other.db', 1);
    expect(stderr).toContain(`charter apply DIR --approve deletes:A@0123456789abcdef --store ${cwd}/other.db`);
  });

  it('says beside what it changes that it mended what something else had written', async () => {
    const cwd = await withHistory();
    const database = new Database(join(cwd, 'charter.db'));
    database.exec("DELETE FROM entity WHERE address = 'user:A/U'");
    database.close();
    const { stdout } = await run(cwd, 'rollback 4');
    expect(stdout).toContain('Applied generation 5: the store holds what generation 4 recorded.');
    // Nothing that was applied is undone, and so nothing is left alone.
    expect(stdout).not.toContain('resume');
    expect((await run(cwd, 'resume')).stdout).toBe('Nothing was rolled back.\n');
    const again = new Database(join(cwd, 'charter.db'));
    again.exec("DELETE FROM entity WHERE address = 'user:A/U'");
    again.close();
    expect((await run(cwd, 'rollback 3')).stdout).toContain(
      'applied generation 6. What something else than Charter had written to the store is undone.',
    );
  });

  it('does not go back to what its history does not lead to any more', async () => {
    const cwd = await withHistory();
    const database = new Database(join(cwd, 'charter.db'));
    database.exec("UPDATE revision SET plan = '[]' WHERE generation = 2");
    database.close();
    for (const line of ['rollback 2', 'export --generation 2', 'history 2']) {
      const { stderr } = await run(cwd, line, 1);
      expect(stderr, line).toMatch(/^error: The history of the store was changed by something else than Charter/);
    }
    expect(await revisions(cwd)).toHaveLength(4);
    await run(cwd, 'rollback 1');
  });

  it('tells JSON of its plan, with what became of it, and of a refusal', async () => {
    const cwd = await withHistory();
    const { stdout } = await run(cwd, 'rollback 3 --json -');
    const done = JSON.parse(stdout);
    expect(done).toMatchObject({ outcome: { exit_code: 0, changes: true }, applied: { generation: 5, secrets: [] } });
    expect(done.resource_changes.map((change: { address: string }) => change.address)).toContain('application:A/C');
    const refused = await run(cwd, 'rollback 9 --json -', 1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      outcome: { exit_code: 1 },
      error: { code: 'generation_unknown' },
    });
  });

  it('has the running server look at once, and says what that serves; one that cannot be asked stops nothing', async () => {
    const cwd = await withHistory();
    const asked: string[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ running: true, pid: 4711, generation: 5 }));
    });
    const socket = operatorSocketPath(join(cwd, 'charter.db'), {});
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => void server.close());
    const told = await run(cwd, 'rollback 1');
    expect(asked).toEqual(['POST /reload']);
    expect(told.stderr).toBe('The running server (process 4711) serves generation 5.\n');
    status = 500;
    const unasked = await run(cwd, 'rollback 2');
    expect(unasked.stderr).toMatch(/^The running server could not be told: .*It looks by itself within seconds\.\n$/);
    // Nothing was done: nobody has to know.
    status = 200;
    expect((await run(cwd, 'rollback 2')).stderr).toBe('');
    expect(asked).toHaveLength(2);
    expect((await run(cwd, 'resume')).stderr).toContain('serves generation 5');
  });
});
