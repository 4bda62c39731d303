import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAgainst, refuseStoreBeside } from '../../src/cli/against.ts';
import { commit, initialize } from '../reconcile/repository.ts';
import { charter, readQuickstart, workplace, writeFiles } from './case.ts';

const read = (text: string) => readAgainst(text, undefined);

describe('--against', () => {
  it.each([
    ['store', { kind: 'store' }],
    ['ref:main', { kind: 'ref', ref: 'main' }],
    ['ref:origin/main~2^{commit}', { kind: 'ref', ref: 'origin/main~2^{commit}' }],
    ['ref:v1.2.3', { kind: 'ref', ref: 'v1.2.3' }],
    ['ref:@{1.day.ago}', { kind: 'ref', ref: '@{1.day.ago}' }],
    ['ref::/wait... what', { kind: 'ref', ref: ':/wait... what' }],
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
