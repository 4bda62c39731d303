// What README.md and the guides show of commands is what the commands say of the examples today. UPDATE_GOLDEN=1 writes the
// samples anew: read the difference before it is committed.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charterHere, REPOSITORY, workplace } from '../cli/case.ts';

const COMMAND = 'charter plan examples/monorepo --against ref:main';

/** A repository with an example on main. */
function committed(example: string): string {
  const root = workplace();
  cpSync(join(REPOSITORY, 'examples', example), join(root, 'examples', example), { recursive: true });
  const git = (...argv: string[]) => execFileSync('git', argv, { cwd: root, env: GIT, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', 'the example');
  return root;
}

/** Nobody's settings. */
const GIT = { PATH: process.env.PATH ?? '', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };

/** Replaces a text that must be there. */
function edit(path: string, from: string, to: string): void {
  const before = readFileSync(path, 'utf8');
  expect(before).toContain(from);
  writeFileSync(path, before.replace(from, to));
}

/** The plan of the change that README.md tells of: the gateway is let into the ledger. */
async function planOfGateway(): Promise<{ readonly code: number | null; readonly text: string }> {
  const root = committed('monorepo');
  const spec = join(root, 'examples/monorepo');
  edit(join(spec, 'payments/access.yaml'), '[Analytics/reporter]', '[Analytics/reporter, Platform/gateway-service]');
  edit(join(spec, 'platform/platform.yaml'), 'scope: audit-log orders-api', 'scope: audit-log orders-api ledger-api');
  const { code, stdout } = await charterHere(COMMAND.split(' ').slice(1), root);
  // Which commit it is, changes with every edit of the example.
  return { code, text: stdout.trimEnd().replace(/main \([0-9a-f]{12}\)/, 'main (…)') };
}

/** Compares a part of a document, or writes it. `part` finds it by its only group. */
function expectShown(document: string, part: RegExp, text: string): void {
  const path = join(REPOSITORY, document);
  const written = readFileSync(path, 'utf8');
  const [all = '', shown] = part.exec(written) ?? [];
  expect(shown, `${document} shows it`).toBeDefined();
  if (process.env.UPDATE_GOLDEN === '1')
    writeFileSync(
      path,
      written.replace(all, () => all.replace(shown ?? '', () => text)),
    );
  else expect(shown).toBe(text);
}

describe('the plan of a branch that lets the gateway into the ledger', () => {
  it('is what README.md and the guide of reviews show, down to the digest of what is to be approved', async () => {
    const { code, text } = await planOfGateway();
    // A test of the spec fails, which is graver than the risk.
    expect(code).toBe(4);
    expectShown('README.md', /^\$ charter plan examples\/monorepo --against ref:main\n([^`]*?)\n```$/m, text);

    const [risk = ''] = /^ {2}✗ restricted:.*\n(?: {6}.*\n)+/m.exec(text) ?? [];
    const guide = 'docs/guides/review-and-approve.md';
    expectShown(guide, /^( {4}✗ restricted:.*\n(?: {6}.*\n)+)/m, risk.replace(/^/gm, '  ').trimEnd().concat('\n'));
    const [, approval = ''] = /--approve (\S+)/.exec(risk) ?? [];
    expect(approval).toMatch(/^restricted:Payments\/ledger-api@[0-9a-f]{16}$/);
    expectShown(guide, /^ {2}approvals:\n {4}- (\S+)$/m, approval);
  });

  it('is approved by the line that the guide shows, in a server document', async () => {
    const guide = readFileSync(join(REPOSITORY, 'docs/guides/review-and-approve.md'), 'utf8');
    const [, lines = ''] = /```yaml\n( {2}approvals:\n {4}- \S+\n)/.exec(guide) ?? [];
    const root = committed('monorepo');
    const spec = join(root, 'examples/monorepo');
    edit(join(spec, 'payments/access.yaml'), '[Analytics/reporter]', '[Analytics/reporter, Platform/gateway-service]');
    edit(join(spec, 'platform/platform.yaml'), 'scope: audit-log orders-api', 'scope: audit-log orders-api ledger-api');
    writeFileSync(join(spec, 'approved.yaml'), lines.replace(/^ {2}/gm, ''));
    const { stdout } = await charterHere(COMMAND.split(' ').slice(1), root);
    expect(stdout).toContain('Risks   1 approved');
  });
});

it('a misspelt user is told as README.md shows it', async () => {
  const root = committed('quickstart');
  edit(
    join(root, 'examples/quickstart/charter.yaml'),
    'ClientGroup: { members: [User1] }',
    'ClientGroup: { members: [Usr1] }',
  );
  const { code, stderr } = await charterHere(['validate', 'examples/quickstart'], root);
  expect(code).toBe(3);
  const [frame = ''] = /^error\[reference\.unknown\][\s\S]*?\n {2,}╰─.*$/m.exec(stderr) ?? [];
  expectShown('README.md', /^(error\[reference\.unknown\] Unknown user\n[\s\S]*?\n {2,}╰─.*)$/m, frame);
});

describe('the guide of questions', () => {
  const guide = 'docs/guides/ask-about-access.md';

  it.each([
    ['explain gateway --scope ledger-api --dir examples/monorepo', 'monorepo'],
    ['who-can ledger-api --dir examples/monorepo', 'monorepo'],
    ['test examples/authorized-access --coverage', 'authorized-access'],
  ])('shows what `charter %s` says', async (command, example) => {
    const { code, stdout } = await charterHere(command.split(' '), committed(example));
    expect(code).toBe(0);
    const escaped = command.replaceAll('/', '\\/');
    expectShown(guide, new RegExp(`^\\$ charter ${escaped}\n([^\`]*?)\n\`\`\`$`, 'm'), stdout.trimEnd());
  });

  it('shows tests that hold in the example', async () => {
    const text = readFileSync(join(REPOSITORY, guide), 'utf8');
    const [, tests = ''] = /^What must stay true[^\n]*\n+```yaml\n(tests:\n[^`]*)```/m.exec(text) ?? [];
    const root = committed('monorepo');
    writeFileSync(join(root, 'examples/monorepo/tests/guide.yaml'), tests);
    const { code, stdout } = await charterHere(['test', 'examples/monorepo'], root);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ 8 tests passed\./)]);
  });
});
