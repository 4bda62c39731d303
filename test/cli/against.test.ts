import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAgainst, refuseStoreBeside } from '../../src/cli/against.ts';
import { commit, git, initialize } from '../reconcile/repository.ts';
import { charter, charterHere, readQuickstart, workplace, writeFiles } from './case.ts';

const read = (text: string) => readAgainst(text, undefined);

describe('--against', () => {
  it.each([
    ['store', { kind: 'store' }],
    ['ref:main', { kind: 'ref', ref: 'main' }],
    ['ref:origin/main~2^{commit}', { kind: 'ref', ref: 'origin/main~2^{commit}' }],
    ['ref:v1.2.3', { kind: 'ref', ref: 'v1.2.3' }],
    ['ref:@{1.day.ago}', { kind: 'ref', ref: '@{1.day.ago}' }],
    ['ref::/wait... what', { kind: 'ref', ref: ':/wait... what' }],
    ['ref:main:old/config', { kind: 'ref', ref: 'main', path: 'old/config' }],
    ['ref:HEAD~1:./a:b', { kind: 'ref', ref: 'HEAD~1', path: './a:b' }],
    ['ref:main^{/fix: it}', { kind: 'ref', ref: 'main^{/fix: it}' }],
    ['ref:main^{/fix: it}:old', { kind: 'ref', ref: 'main^{/fix: it}', path: 'old' }],
    ['ref:main@{1 day ago}~2:a..b', { kind: 'ref', ref: 'main@{1 day ago}~2', path: 'a..b' }],
    ['ref::0:old', { kind: 'ref', ref: ':0:old' }],
    ['dir:../old config', { kind: 'dir', path: '../old config' }],
    ['dir:C:x', { kind: 'dir', path: 'C:x' }],
  ])('%s is read', (text, meant) => {
    expect(read(text)).toEqual(meant);
  });

  it.each([
    ['', 'is a variable not set?'],
    ['ref:', 'It names no revision: is a variable not set?'],
    ['ref', 'It names no revision'],
    ['dir:', 'It names no directory'],
    ['main', 'For a branch or a commit write ref:main, for a directory dir:main.'],
    ['reff:main', 'Did you mean ref:main?'],
    ['Ref:main', 'Did you mean ref:main?'],
    ['stroe', 'Did you mean store?'],
    ['https://x', 'Write store, ref:main or dir:PATH.'],
    ['store:x.db', 'Which store it is, --store says.'],
    ['ref:--output=x', 'does not begin with "-"'],
    ['ref:main:', 'It names no path behind the revision: is a variable not set?'],
    ['ref:a..b:old', '--against "ref:$(git merge-base a b)"'],
    ['ref:main...HEAD', '--against "ref:$(git merge-base main HEAD)"'],
    ['ref:main..', '--against "ref:$(git merge-base main HEAD)"'],
  ])('%s is refused, with what to write', (text, said) => {
    expect(() => read(text)).toThrow(said);
  });

  it('is given once', () => {
    expect(() => readAgainst('ref:b', read('ref:a'))).toThrow('give --against once');
  });

  it('leaves no use for --store, unless it is the store', () => {
    expect(() => refuseStoreBeside(read('dir:x'), 'x.db')).toThrow('looks at no store');
    expect(() => refuseStoreBeside(read('store'), 'x.db')).not.toThrow();
    expect(() => refuseStoreBeside(read('ref:x'), undefined)).not.toThrow();
  });
});

describe('charter plan --against ref:', () => {
  it('says in its JSON which commit it begins with, or that the base is to blame', async () => {
    const cwd = workplace();
    initialize(cwd);
    writeFiles(cwd, [['config/charter.yaml', readQuickstart()]]);
    const first = commit(cwd);
    writeFiles(cwd, [['config/charter.yaml', 'usrs: {}\n']]);
    const second = commit(cwd);
    writeFiles(cwd, [['config/charter.yaml', readQuickstart()]]);
    const plan = async (ref: string, ...argv: readonly string[]) => {
      const answer = await charter(['plan', 'config', '--against', `ref:${ref}`, '--json', 'p.json', ...argv], cwd);
      return { ...answer, json: JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8')) };
    };

    const good = await plan('HEAD~1');
    expect(good).toMatchObject({ code: 0, json: { base: { kind: 'ref', ref: 'HEAD~1', commit: first } } });
    expect(good.json.resource_changes).toEqual([]);

    const bad = await plan('main', '--github', '--sarif', 'p.sarif');
    expect(bad).toMatchObject({ code: 3, json: { outcome: { exit_code: 3 }, error: { code: 'base_unreadable' } } });
    expect(bad.json.error.message).toContain('main:config/charter.yaml:1:1: ');
    expect(bad.stderr).toContain('╭─ main:config/charter.yaml:1:1');
    // No annotation at a file of this commit: what is wrong is not in it.
    expect(bad.stdout).toMatch(/^::error title=base_unreadable::/m);
    expect(bad.stdout).not.toContain('file=');
    expect(readFileSync(join(cwd, 'p.sarif'), 'utf8')).not.toContain('artifactLocation');

    const literal = 'correct-horse-battery-staple';
    writeFiles(cwd, [['config/charter.yaml', readQuickstart().replace('{ env: CLIENT1_SECRET }', literal)]]);
    commit(cwd);
    writeFiles(cwd, [['config/charter.yaml', readQuickstart()]]);
    const secret = await plan('main', '--github');
    expect(secret).toMatchObject({ code: 3, stderr: expect.stringContaining('main:config/charter.yaml:24:13') });
    expect(JSON.stringify(secret)).not.toContain(literal);

    const unknown = await plan(`${second}x`);
    expect(unknown).toMatchObject({ code: 64, json: { error: { code: 'usage' } } });
  });
});

describe('who reads the outputs alone', () => {
  const TESTS = 'tests:\n  - { name: "`@octocat` may", allow: { client: Client1, scope: Server1 } }\n';
  const OUTPUTS = ['--json', 'o.json', '--md', 'o.md', '--sarif', 'o.sarif', '--junit', 'o.xml', '--github'];

  /** A repository whose spec was renamed since its commit. */
  function renamed(): string {
    const cwd = workplace();
    initialize(cwd);
    writeFiles(cwd, [
      ['config/charter.yaml', readQuickstart()],
      ['config/tests.yaml', TESTS],
    ]);
    commit(cwd);
    git(cwd, 'mv', 'config', 'access');
    return cwd;
  }

  async function planned(cwd: string, ...argv: string[]) {
    const answer = await charterHere(['plan', ...argv, ...OUTPUTS], cwd);
    const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
    const [json, sarif] = [JSON.parse(read('o.json')), JSON.parse(read('o.sarif'))];
    const said = sarif.runs[0].invocations[0].toolExecutionNotifications ?? [];
    return { ...answer, json, md: read('o.md'), junit: read('o.xml'), said: said.map(({ message }: never) => message) };
  }

  it('sees in each that the base held no spec, and that nothing was judged', async () => {
    const cwd = renamed();
    const told = await planned(cwd, 'access', '--against', 'ref:main');
    const sentence =
      /The base main \([0-9a-f]{7}\) has no spec at access: everything counts as new and no risk is judged\./;
    expect(told.code).toBe(0);
    expect(told.stderr).toMatch(new RegExp(`^warning: ${sentence.source}`));
    expect(told.json.notes).toEqual([expect.stringMatching(sentence)]);
    expect(told.md).toMatch(
      /^> \[!CAUTION\]\n> The base `main` \([0-9a-f]{7}\) has no spec at `access`: everything counts as new/m,
    );
    expect(told.md.indexOf('[!CAUTION]')).toBeLessThan(200);
    expect(told.stdout).toMatch(new RegExp(`^::warning title=Charter::${sentence.source}`, 'm'));
    expect(told.said).toEqual([{ text: expect.stringMatching(sentence) }]);
    expect(told.junit).toMatch(new RegExp(`<system-out>${sentence.source}`));
    const shown = await charterHere(['show', 'o.json'], cwd);
    expect(shown.stderr).toMatch(new RegExp(`^note: ${sentence.source}`, 'm'));
  });

  it('sees nothing of it where the path of the base is given, and the same plan as before the renaming', async () => {
    const cwd = renamed();
    const told = await planned(cwd, 'access', '--against', 'ref:main:config');
    expect(told).toMatchObject({ code: 0, stderr: '', said: [] });
    expect(told.json).toMatchObject({ base: { ref: 'main:config' }, resource_changes: [], test_changes: [] });
    expect(told.json).not.toHaveProperty('notes');
    expect(told.md).not.toContain('[!');
    expect(told.md).toContain('Compared with `main:config` (');
  });

  it('is told which of several directories the base has not, where it is invalid without it', async () => {
    const cwd = workplace();
    initialize(cwd);
    const [server = '', site = ''] = readQuickstart().split(/^(?=site: )/m);
    writeFiles(cwd, [
      ['spec/server/s.yaml', server.replace(/---\s*$/, '')],
      ['spec/old/site.yaml', site],
    ]);
    commit(cwd);
    git(cwd, 'mv', 'spec/server', 'spec/renamed');
    const directories = ['spec/renamed', 'spec/old'];
    const refused = await planned(cwd, ...directories, '--against', 'ref:main');
    expect(refused.code).toBe(3);
    for (const text of [refused.stderr, refused.json.error.message]) {
      expect(text).toMatch(/spec\/renamed is not in main \([0-9a-f]{7}\): everything in it counts as new\./);
      expect(text).toContain('name a directory of the commit that holds the whole spec: --against ref:main:PATH.');
    }
    const told = await planned(cwd, ...directories, '--against', 'ref:main:spec');
    expect(told).toMatchObject({ code: 0, json: { resource_changes: [] } });
  });

  it('sees the warnings of the spec, and approvals of nothing', async () => {
    const cwd = renamed();
    const unused = 'deletes:Example@0123456789abcdef';
    writeFiles(cwd, [['access/more.yaml', 'site: Example\ngroups: { Unused: { methods: [client.credentials.1] } }\n']]);
    const told = await planned(cwd, 'access', '--against', 'ref:main:config', '--approve', unused);
    expect(told.json.diagnostics).toMatchObject([{ severity: 'warning', code: 'group.unused' }]);
    expect(told.json.notes).toEqual([`--approve ${unused} approves nothing: the plan has no such risk.`]);
    expect(told.md).toContain(`> [!NOTE]\n> --approve \`${unused}\` approves nothing`);
    expect(told.md).toContain('<summary>Warnings of the spec: 1</summary>');
    const shown = await charterHere(['show', 'o.json'], cwd);
    expect(shown.stderr).toContain('warning[group.unused]');
  });

  it('sees which tests of the base are gone', async () => {
    const cwd = renamed();
    writeFiles(cwd, [['access/tests.yaml', 'tests: []\n']]);
    const told = await planned(cwd, 'access', '--against', 'ref:main:config');
    expect(told.json.test_changes).toMatchObject([
      { action: 'remove', name: '`@octocat` may', was: { file: 'tests.yaml' } },
    ]);
    expect(told.stdout).toMatch(/^ {2}- `@octocat` may +\(was tests\.yaml:2\)$/m);
    expect(told.md).toContain('**Tests of the base: 1 removed.**');
    const shown = await charterHere(['show', 'o.json'], cwd);
    expect(shown.stdout).toContain('- `@octocat` may');
  });
});
