// History re-tells what was applied as it was told then, of every generation.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { readPlanDocument } from '../../src/plan/saved-plan.ts';
import { commit, initialize } from '../reconcile/repository.ts';
import { type Answer, charterHere, workplace, writeFiles } from './case.ts';

/** It costs no Argon2id. */
const SECRET = formatGeneratedSecret(new Uint8Array(32));

function spec(more: { scope?: string; members?: string; users?: string; extra?: string } = {}): string {
  const { scope = 'S', members = 'U', users = '', extra = '' } = more;
  return `server: { issuer: "http://localhost:8080" }
methods: { cc: { type: client_credentials } }
---
site: A
methods: [cc]
defaults: { applications: { methods: [cc] }, users: { methods: [cc] }, groups: { methods: [cc] } }
applications:
  C: { secret: { env: C_SECRET }, impersonates: U, metadata: { grant_types: [client_credentials], scope: ${scope} } }
  S: { allowed_to: [G] }
  T: { allowed_to: [G] }
groups: { G: { members: [${members}] } }
users: { U: ${users} }
${extra}`;
}

async function run(cwd: string, line: string, code = 0, env: Record<string, string> = {}): Promise<Answer> {
  const answer = await charterHere(line.split(' '), cwd, { C_SECRET: SECRET, ...env });
  expect(answer.code, `${line}\n${answer.stdout}${answer.stderr}`).toBe(code);
  return answer;
}

/** Applies the specs one after the other. Answers what each apply told, without the places and the last line. */
async function applied(cwd: string, texts: readonly string[]): Promise<string[]> {
  const told: string[] = [];
  for (const text of texts) {
    writeFiles(cwd, [['config/a.yaml', text]]);
    told.push((await run(cwd, 'apply config')).stdout);
  }
  return told;
}

/** Entities and access as they are told, wherever they are written. */
function withoutPlaces(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line.replace(/ +(\(was )?a\.yaml:[\d:]+\)?$/, '').replace(/^ {6}no (live tokens|use recorded).*$/, ''),
    )
    .filter((line) => line !== '' && !line.startsWith('Applied generation'));
}

const TEXTS = [
  spec(),
  spec({ scope: 'S T' }),
  spec({ scope: 'S T', members: 'V', users: ', V:' }),
  spec({ members: 'U', users: ', V:', extra: '' }).replaceAll('G', 'H').concat('moved: [{ from: group:G, to: H }]\n'),
  spec({ members: 'U' }).replaceAll('G', 'H'),
];

describe('charter history N', () => {
  it('tells the plan as apply told it, with the access changes of then, though much came since', async () => {
    const cwd = workplace();
    const told = await applied(cwd, TEXTS);
    for (const [position, text] of told.entries()) {
      const { stdout } = await run(cwd, `history ${position + 1}`);
      const [, plan = ''] = stdout.split(/^Digest.*\n\n/m);
      expect(withoutPlaces(plan)).toEqual(withoutPlaces(text));
    }
  });

  it('tells and counts what policies released otherwise, as apply did', async () => {
    const cwd = workplace();
    const text = spec({ users: '{ attributes: { mail: u@a.example } }' }).replace('S: {', 'S: { policy: P,');
    const withItems = (...items: string[]) => `${text}policies: { P: { items: [${items.join(', ')}] } }\n`;
    const mail = '{ name: mail, value: "user:mail" }';
    const told = await applied(cwd, [withItems(mail), withItems(mail, '{ name: role, value: "text:x" }')]);
    expect(withoutPlaces(told[1] ?? '')).toContain('  + role → S     about U: text:x');
    const { stdout } = await run(cwd, 'history 2');
    expect(withoutPlaces(stdout.split(/^Digest.*\n\n/m)[1] ?? '')).toEqual(withoutPlaces(told[1] ?? ''));
    expect((await run(cwd, 'history')).stdout).toMatch(/^2 .* 1 changed\. Released: \+1 ~0 −0$/m);
  });

  it('as JSON has the plan with the numbers and digests that its revision recorded', async () => {
    const cwd = workplace();
    await applied(cwd, TEXTS);
    const { revisions } = JSON.parse((await run(cwd, 'history --json')).stdout);
    for (const [position, listed] of [...revisions].reverse().entries()) {
      const { plan, ...revision } = JSON.parse((await run(cwd, `history ${position + 1} --json`)).stdout);
      expect(revision).toEqual(listed);
      const { unchanged: _, ...numbers } = plan.summary;
      expect(numbers).toEqual(listed.summary);
      expect(plan.result_digest).toBe(listed.digest);
      expect(plan.base).toMatchObject({ generation: position });
      if (position > 0) expect(plan.base.digest).toBe([...revisions].reverse()[position - 1].digest);
      // It is a plan document like any other.
      expect(readPlanDocument(JSON.stringify(plan))).toMatchObject({ ok: true });
    }
  });

  it('tells approvals, secrets that changed, and who wrote the commit, and no value of a secret', async () => {
    const cwd = workplace();
    const many = spec({ users: ', V: , W: , X:' });
    writeFiles(cwd, [['config/a.yaml', many]]);
    initialize(cwd);
    commit(cwd);
    await run(cwd, 'apply config');
    const value = formatGeneratedSecret(new Uint8Array(32).fill(1));
    await run(cwd, 'apply config', 0, { C_SECRET: value });
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    const stopped = await run(cwd, 'plan config --json -', 5, { C_SECRET: value });
    const [{ approve }] = JSON.parse(stopped.stdout).risks;
    expect(stopped.stderr).toContain(`--approve ${approve}`);
    await run(cwd, `apply config --approve ${approve}`, 0, { C_SECRET: value });

    const second = await run(cwd, 'history 2');
    const third = await run(cwd, 'history 3');
    expect(second.stdout).toMatch(/^Secrets {5}A\/C$/m);
    expect(second.stdout).toContain('It changed no entity: secrets alone.');
    expect(third.stdout).toContain(`Approved    ${approve}`);
    expect(third.stdout).toMatch(/Risks {3}1 approved\n {2}✓ deletes:A /);
    const list = await run(cwd, 'history');
    expect(list.stdout).toMatch(/^2 .* Ada <ada@example\.com> +new secrets of A\/C$/m);
    // Work that was not committed is nobody's commit.
    expect(list.stdout).toMatch(/^3 +\S+ +- +unknown +3 deleted$/m);
    for (const { stdout } of [list, second, third]) {
      expect(stdout).not.toContain(value);
      expect(stdout).not.toContain(SECRET);
    }
  });

  it('a risk that only the store of then showed is told as approved, without what it was made of', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    initialize(cwd);
    const older = commit(cwd);
    writeFiles(cwd, [['config/a.yaml', spec({ scope: 'S T' })]]);
    commit(cwd);
    await run(cwd, 'apply config');
    execFileSync('git', ['checkout', '--quiet', older], { cwd });
    const stopped = await run(cwd, 'plan config --json -', 5);
    const [{ approve, kind }] = JSON.parse(stopped.stdout).risks;
    expect(kind).toBe('older-commit');
    await run(cwd, `apply config --approve ${approve}`);
    const { stdout } = await run(cwd, 'history 2');
    expect(stdout).toContain(`Approved    ${approve}`);
    expect(stdout).toMatch(/✓ older-commit:\S+ +It was approved; what it was made of is not recorded/);
  });
});

/** Changes the store as something else than Charter would. */
function meddle(cwd: string, sql: string): void {
  const database = new Database(join(cwd, 'charter.db'));
  database.exec(sql);
  database.close();
}

describe('a store that something else wrote to', () => {
  it('tells of no generation what leads from a State that never was', async () => {
    const cwd = workplace();
    await applied(cwd, TEXTS.slice(0, 3));
    // The third generation now does what the second did as well: its own State is right, that before it is not.
    meddle(
      cwd,
      `UPDATE revision SET plan = (SELECT json_group_array(json(part.value)) FROM revision AS one, json_each(one.plan) AS part
         WHERE one.generation IN (2, 3)) WHERE generation = 3;
       UPDATE revision SET plan = '[]' WHERE generation = 2`,
    );
    await run(cwd, 'export --generation 3');
    for (const line of ['history 3', 'history 2']) {
      const { stdout, stderr } = await run(cwd, line, 1);
      expect([stdout, stderr]).toEqual(['', expect.stringMatching(/does not lead to what generation 2 recorded/)]);
    }
  });

  it('says which generation mended it, beside what that one changed', async () => {
    const cwd = workplace();
    await applied(cwd, TEXTS.slice(0, 1));
    meddle(cwd, "UPDATE entity SET body = json_set(body, '$.client_id', 'X') WHERE address = 'application:A/T'");
    await applied(cwd, TEXTS.slice(1, 3));
    const mended = 'what something else than Charter had written to 1 entity was undone';
    expect((await run(cwd, 'history 2')).stdout).toContain(`Drift       ${mended}\n`);
    const { stdout } = await run(cwd, 'history');
    expect(stdout).toMatch(/^2 .* 1 changed\. Access: \+1 −0\. What something else .* was undone$/m);
    expect(stdout.match(/something else/g)).toHaveLength(1);
    const { revisions } = JSON.parse((await run(cwd, 'history --json')).stdout);
    expect(revisions.map(({ summary }: { summary: { mended?: number } }) => summary.mended)).toEqual([
      undefined,
      1,
      undefined,
    ]);
  });
});

describe('charter history', () => {
  it('names who acts where no commit says whose spec it is, and the author where one does', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    await run(cwd, 'apply config', 0, { USER: 'ann', GITHUB_ACTOR: ' ' });
    writeFiles(cwd, [['config/a.yaml', spec({ scope: 'S T' })]]);
    await run(cwd, 'apply config', 0, { USER: 'runner', GITHUB_ACTOR: 'ben' });
    await run(cwd, 'rollback 1');
    initialize(cwd);
    commit(cwd);
    await run(cwd, 'apply config', 0, { USER: 'cleo' });
    const { revisions } = JSON.parse((await run(cwd, 'history --json')).stdout);
    const authors = revisions.map(({ author }: { author?: string }) => author);
    expect(authors).toEqual([expect.stringMatching(/<.*@.*>$/), undefined, 'ben', 'ann']);
  });

  it('shows no terminal what somebody wrote as their name to move its cursor', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec()]]);
    initialize(cwd);
    commit(cwd);
    const author = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit', '--amend', '--quiet', '-m', 'x'];
    execFileSync('git', [...author, '--author', 'Ann \u001b[2Jof \u202eA <a@example.com>'], { cwd });
    await run(cwd, 'apply config');
    for (const line of ['history', 'history 1']) {
      const { stdout } = await run(cwd, line);
      expect(stdout).toContain('Ann ');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
});
