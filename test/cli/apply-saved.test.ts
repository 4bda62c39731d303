// A saved plan is applied as it was reviewed, or not at all. What each refusal says, the cases show (cases/saved-*.txt).

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { checksumOf } from '../../src/plan/json.ts';
import type { PlanJson } from '../../src/plan/json-types.ts';
import { commit as commitAll, git, initialize } from '../reconcile/repository.ts';
import { type Answer, charterHere, MAIN, workplace, writeFiles } from './case.ts';

const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXI';
/** It costs no Argon2id. */
const SECRET = formatGeneratedSecret(new Uint8Array(32));

/** A client that reaches S as U. */
function spec(
  more: { users?: string; server?: string; tests?: string; secret?: string; member?: string } = {},
): string {
  const { users = '', server = '', tests = '', secret = '{ env: C_SECRET }', member = 'U' } = more;
  return `server: { issuer: "http://localhost:8080" }
methods: { cc: { type: client_credentials } }
${server}---
site: A
methods: [cc]
defaults: { applications: { methods: [cc] }, users: { methods: [cc] }, groups: { methods: [cc] } }
applications:
  C: { secret: ${secret}, impersonates: U, metadata: { grant_types: [client_credentials], scope: S } }
  S: { allowed_to: [G] }
groups: { G: { members: [${member}] } }
users: { U: ${users} }
${tests}`;
}

async function run(cwd: string, line: string, code = 0): Promise<Answer> {
  const answer = await charterHere(line.split(' '), cwd, { C_SECRET: SECRET });
  expect(answer.code, `${line}\n${answer.stdout}${answer.stderr}`).toBe(code);
  return answer;
}

/** The newest generation and its digest, as the store says. */
async function newest(cwd: string): Promise<{ generation: number; digest: string } & Record<string, unknown>> {
  return JSON.parse((await run(cwd, 'history --json')).stdout).revisions[0];
}

describe('what is applied', () => {
  it('leads to the digest that the plan promised, with the commit and author that it was made of', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    initialize(cwd);
    const made = commitAll(cwd);
    await run(cwd, 'plan config --out p.json');
    // Whoever applies it may have checked out something else by then.
    writeFiles(cwd, [['config/a.yaml', spec({ users: ', Other:' })]]);
    git(cwd, 'commit', '--all', '--quiet', '-m', 'later');
    await run(cwd, 'apply p.json --json applied.json');
    const plan: PlanJson = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    const applied: PlanJson = JSON.parse(readFileSync(join(cwd, 'applied.json'), 'utf8'));
    expect(await newest(cwd)).toMatchObject({
      generation: 1,
      digest: plan.result_digest,
      commit: made,
      author: 'Ada <ada@example.com>',
    });
    expect(applied).toMatchObject({ digest: plan.digest, applied: { generation: 1 }, outcome: { exit_code: 0 } });
  });

  it('knows where each entity is written: a later plan tells the place of what it deletes', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec({ users: ', V: , W: ' })]]);
    await run(cwd, 'plan config --out p.json');
    await run(cwd, 'apply p.json');
    writeFiles(cwd, [['config/a.yaml', spec({ users: ', V: ' })]]);
    expect((await run(cwd, 'plan config')).stdout).toMatch(/- user W +\(was a\.yaml:11\)/);
  });

  it('shows a written hash to nobody, whether it finds it or not', async () => {
    const cwd = workplace();
    writeFiles(cwd, [
      ['config/a.yaml', spec({ secret: `{ hash: "${HASH}" }` })],
      ['no-spec.yaml', 'site: ['],
    ]);
    const said = [
      await run(cwd, 'plan config --out p.json'),
      await run(cwd, 'apply p.json', 1),
      await run(cwd, 'apply p.json --dir config --json applied.json --md applied.md'),
    ];
    const files = ['p.json', 'applied.json', 'applied.md'].map((name) => readFileSync(join(cwd, name), 'utf8'));
    for (const text of [...files, ...said.flatMap(({ stdout, stderr }) => [stdout, stderr])]) {
      expect(text).not.toContain('argon2id');
      expect(text).not.toContain(HASH.slice(-20));
    }
    expect((await newest(cwd)).generation).toBe(1);
  });

  it('comes on stdin too', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    await run(cwd, 'plan config --out p.json');
    const text = readFileSync(join(cwd, 'p.json'));
    const applied = () =>
      new Promise<{ code: number | null; stderr: string }>((resolve) => {
        const child = spawn(process.execPath, [MAIN, 'apply', '-'], { cwd, env: { C_SECRET: SECRET } });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (part) => (stderr += part));
        child.stdout.resume();
        child.on('close', (code) => resolve({ code, stderr }));
        child.stdin.end(text);
      });
    expect(await applied()).toEqual({ code: 0, stderr: '' });
    expect(await applied()).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/^error: The plan on stdin is stale: /),
    });
  });
});

describe('what stops it', () => {
  const few = spec();
  const many = spec({ users: ', V: , W: , X: ' });

  async function riskyPlan(cwd: string, server = ''): Promise<string> {
    writeFiles(cwd, [['config/a.yaml', many]]);
    await run(cwd, 'apply config');
    writeFiles(cwd, [['config/a.yaml', few]]);
    await run(cwd, 'plan config --out p.json', 5);
    const plan: PlanJson = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    const approval = plan.risks[0]?.approve ?? '';
    if (server !== '') {
      writeFiles(cwd, [['config/a.yaml', spec({ server: server.replace('RISK', approval) })]]);
      await run(cwd, 'plan config --out p.json');
    }
    return approval;
  }

  it('a risk that the spec approves is approved in its plan, with the place of the approval', async () => {
    const cwd = workplace();
    const approval = await riskyPlan(cwd, 'approvals: [RISK]\n');
    const { stdout } = await run(cwd, 'apply p.json');
    expect(stdout).toContain('approved (');
    expect(await newest(cwd)).toMatchObject({ generation: 2, approvals: [approval] });
  });

  it('a document that says that a risk is approved does not approve another one', async () => {
    const cwd = workplace();
    await riskyPlan(cwd);
    const { checksum: _, ...plan }: PlanJson = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    // A forged plan without its risks: they are judged anew.
    const forged = { ...plan, risks: [] };
    writeFileSync(join(cwd, 'p.json'), JSON.stringify({ ...forged, checksum: checksumOf(forged) }));
    const { stderr } = await run(cwd, 'apply p.json', 5);
    expect(stderr).toContain('A risk is not approved');
    expect((await newest(cwd)).generation).toBe(1);
  });

  it('a forged entity, though its checksum is right', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', few]]);
    await run(cwd, 'plan config --out p.json');
    const text = readFileSync(join(cwd, 'p.json'), 'utf8').replaceAll('http://localhost:8080', 'http://localhost:9090');
    const { checksum: _, ...forged }: PlanJson = JSON.parse(text);
    writeFileSync(join(cwd, 'p.json'), JSON.stringify({ ...forged, checksum: checksumOf(forged) }));
    const { stderr } = await run(cwd, 'apply p.json', 1);
    expect(stderr).toContain('It is not what Charter writes');
  });

  it('the tests of the spec at hand, where it is the one that the plan was made of: they run again', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', few]]);
    await run(cwd, 'plan config --out p.json');
    const tests = 'tests: [{ name: nobody, deny: { client: C, scope: S } }]\n';
    writeFiles(cwd, [['config/a.yaml', spec({ tests })]]);
    expect((await run(cwd, 'apply p.json --dir config', 4)).stderr).toContain('nobody (a.yaml:12:9)');
    // Of another spec they mean nothing.
    writeFiles(cwd, [['config/a.yaml', spec({ tests, users: ', V:' })]]);
    await run(cwd, 'apply p.json --dir config', 6);
    // Nobody said that it is the spec of the plan.
    await run(join(cwd, 'config'), 'apply ../p.json --store ../charter.db');
  });

  it('access that ends between plan and apply: what was reviewed is not what would be done', async () => {
    const cwd = workplace();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31, 23) });
    onTestFinished(() => void vi.useRealTimers());
    writeFiles(cwd, [['config/a.yaml', spec({ member: '{ user: U, expires: 2026-02-01 }' })]]);
    await run(cwd, 'plan config --out p.json');
    expect(JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8')).summary.access_added).toBe(1);
    vi.setSystemTime(Date.UTC(2026, 1, 1));
    const { stderr } = await run(cwd, 'apply p.json', 6);
    expect(stderr).toContain('access that it tells of has begun or ended since it was made. Nothing was written.');
  });
});

describe('a spec that is named beside it', () => {
  it('is the one that the plan was made of, or nothing is applied', async () => {
    const cwd = workplace();
    writeFiles(cwd, [
      ['config/a.yaml', spec()],
      ['config/overlays/prod/a.yaml', 'site: A\nusers: { P: {} }\n'],
      ['config/overlays/test/a.yaml', 'site: A\nusers: { T: {} }\n'],
      ['other/a.yaml', spec({ users: ', V:' })],
      ['empty/README', 'no spec'],
    ]);
    initialize(cwd);
    const made = commitAll(cwd);
    await run(cwd, 'plan config --overlay prod --out p.json');
    const wrong = ['--dir config', '--dir config --overlay test', '--dir config --dir other'];
    for (const options of wrong) {
      const code = options.includes('--dir config --dir other') ? 3 : 6;
      const { stderr } = await run(cwd, `apply p.json ${options}`, code);
      if (code === 6) expect(stderr, options).toMatch(/^error: p\.json was not made of the spec in /m);
      if (code === 6) expect(stderr, options).toContain(`commit ${made.slice(0, 12)}, and give --dir and --overlay`);
    }
    for (const options of ['--dir nowhere', '--dir empty', '--dir config --overlay prdo', '--overlay prod']) {
      const { stderr } = await run(cwd, `apply p.json ${options}`, 3);
      expect(stderr, options).toMatch(/^error\[/m);
    }
    await run(cwd, 'status', 1);
    await run(cwd, 'apply p.json --dir config --overlay prod');
    expect((await newest(cwd)).generation).toBe(1);
  });

  it('may be in several directories, as it was planned', async () => {
    const cwd = workplace();
    const [server = '', site = ''] = spec({ secret: `{ hash: "${HASH}" }` }).split('---\n');
    writeFiles(cwd, [
      ['server/a.yaml', server],
      ['sites/b.yaml', site],
    ]);
    await run(cwd, 'plan server sites --out p.json');
    await run(cwd, 'apply p.json --dir sites --dir server');
    expect((await newest(cwd)).generation).toBe(1);
  });

  it('is held against the plan for --rebase too, which leads further than the spec', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    await run(cwd, 'apply config');
    writeFiles(cwd, [
      ['ours/a.yaml', spec({ users: ', V:' })],
      ['theirs/a.yaml', spec({ users: ', W:' })],
    ]);
    await run(cwd, 'plan ours --out p.json');
    await run(cwd, 'apply theirs');
    await run(cwd, 'apply p.json --rebase --dir theirs', 6);
    await run(cwd, 'apply p.json --rebase --dir ours');
  });
});

describe('after a rollback', () => {
  it('what the plan was approved by counts no more, in the spec or by hand, until it is given again', async () => {
    for (const isInSpec of [true, false]) {
      const cwd = workplace();
      writeFiles(cwd, [['config/a.yaml', spec({ users: ', V: , W: , X: ' })]]);
      await run(cwd, 'apply config');
      writeFiles(cwd, [['config/a.yaml', spec()]]);
      await run(cwd, 'plan config --json stopped.json', 5);
      const approval = (JSON.parse(readFileSync(join(cwd, 'stopped.json'), 'utf8')) as PlanJson).risks[0]?.approve;
      if (isInSpec) writeFiles(cwd, [['config/a.yaml', spec({ server: `approvals: [${approval}]\n` })]]);
      await run(cwd, `plan config --out p.json${isInSpec ? '' : ` --approve ${approval}`}`);
      await run(cwd, 'apply p.json');
      await run(cwd, 'rollback 1');
      const { stderr } = await run(cwd, 'apply p.json --rebase', 5);
      expect(stderr).toMatch(/was used by generation 2, which generation 3 has undone/);
      expect((await newest(cwd)).generation).toBe(3);
      // Approved since, it is consent to do it again.
      await run(cwd, `plan config --out again.json --approve ${approval}`);
      await run(cwd, 'apply again.json');
      await run(cwd, 'rollback 1');
      await run(cwd, 'resume');
      await run(cwd, `apply p.json --rebase`);
      expect(await newest(cwd)).toMatchObject({ generation: 6, approvals: [approval] });
    }
  });
});

describe('of an older commit', () => {
  it('it stays a risk though files beside it are not committed, and its revision names no commit', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    initialize(cwd);
    const older = commitAll(cwd);
    writeFiles(cwd, [['config/a.yaml', spec({ users: ', V:' })]]);
    commitAll(cwd);
    await run(cwd, 'apply config');
    git(cwd, 'checkout', '--quiet', older);
    writeFiles(cwd, [['config/untracked.yaml', 'site: A\nusers: { W: }\n']]);
    const { stderr } = await run(cwd, 'plan config --out p.json', 5);
    const [, approval = ''] = /--approve (older-commit:\S+)/.exec(stderr) ?? [];
    expect(JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8')).config).toMatchObject({ commit: older, dirty: true });
    await run(cwd, 'apply config', 5);
    await run(cwd, 'apply p.json --dir config', 5);
    await run(cwd, `apply p.json --dir config --approve ${approval}`);
    expect(await newest(cwd)).not.toHaveProperty('commit');
  });
});

describe('--rebase', () => {
  it('is not for another store, whatever its generation: what was reviewed there was never here', async () => {
    const cwd = workplace();
    writeFiles(cwd, [
      ['config/a.yaml', spec()],
      ['other/a.yaml', spec({ users: ', V:' }).replace('localhost:8080', 'localhost:9090')],
      // It changes the server too, which the other store has with another issuer.
      [
        'next/a.yaml',
        spec({ users: ', W:' }).replace('8080"', '8080", safety: { deletes: { percent: 50, at_least: 9 } }'),
      ],
    ]);
    await run(cwd, 'apply config');
    await run(cwd, 'apply other --store other.db');
    await run(cwd, 'plan next --out p.json');
    const say = /^error: p\.json is of another store, or of this one before it was restored: .*it is at generation \d/;
    const { stderr } = await run(cwd, 'apply p.json --rebase --store other.db', 6);
    expect(stderr).toMatch(say);
    expect(stderr).not.toContain('--rebase');
    // A later generation of another store is not what came since.
    writeFiles(cwd, [['other/a.yaml', spec({ users: ', W:' }).replace('localhost:8080', 'localhost:9090')]]);
    await run(cwd, 'apply other --store other.db');
    for (const line of ['apply p.json --rebase --store other.db', 'apply p.json --store other.db']) {
      expect((await run(cwd, line, 6)).stderr, line).toMatch(say);
    }
    await run(cwd, 'apply p.json --rebase');
  });

  it('does it where others changed something else, and never what was not reviewed', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    await run(cwd, 'apply config');
    writeFiles(cwd, [['config/a.yaml', spec({ users: ', V:' })]]);
    await run(cwd, 'plan config --out p.json');
    writeFiles(cwd, [['config/a.yaml', spec({ users: ', W:' })]]);
    await run(cwd, 'apply config');
    await run(cwd, 'apply p.json', 6);
    await run(cwd, 'apply p.json --rebase');
    // Both are there now: the plan was not applied over the other one.
    const { stdout } = await run(cwd, 'export');
    expect(stdout).toMatch(/users:\n {2}U:\n(?: {4}.*\n)* {2}V:\n(?: {4}.*\n)* {2}W:/);
    const database = new Database(join(cwd, 'charter.db'), { readonly: true });
    const rows = database
      .prepare("SELECT address, since FROM entity WHERE address LIKE 'user:%' ORDER BY 1")
      .raw()
      .all();
    database.close();
    expect(rows).toEqual([
      ['user:A/U', 1],
      ['user:A/V', 3],
      ['user:A/W', 2],
    ]);
  });

  it('refuses where access of what it changes rests on something that changed', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec({ member: 'V', users: ', V:' })]]);
    await run(cwd, 'apply config');
    // The plan gives S a scope's client: nobody reaches it as long as U is no member.
    const more = spec({ member: 'V', users: ', V:' })
      .replace('  S: { allowed_to: [G] }', '  S: { allowed_to: [G], audience_mode: strict }\n  T: { allowed_to: [G] }')
      .replace('scope: S', 'scope: S T');
    writeFiles(cwd, [['config/a.yaml', more]]);
    await run(cwd, 'plan config --out p.json');
    writeFiles(cwd, [['config/a.yaml', spec({ member: 'U, V', users: ', V:' })]]);
    await run(cwd, 'apply config');
    const { stderr } = await run(cwd, 'apply p.json --rebase', 6);
    expect(stderr).toContain('access that it tells of rests on what changed since');
    expect(stderr).toContain('Since then: generation 2');
  });
});
