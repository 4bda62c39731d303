// History re-tells what was applied as it was told then, of every generation.

import { execFileSync } from 'node:child_process';
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
    expect(list.stdout).toMatch(/^3 +\S+ +- +- +1? ?/m);
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

describe('charter history', () => {
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
