import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitOf } from '../../src/reconcile/git.ts';
import { temporary, write } from './directory.ts';
import { commit, git, initialize } from './repository.ts';

function repository(): string {
  const root = temporary();
  initialize(root);
  write(root, { 'config/a.yaml': 'a', 'other/x.yaml': 'x', 'README.md': 'x' });
  commit(root);
  return root;
}

describe('the commit of a spec', () => {
  it('is HEAD with its author, asked from below the root', async () => {
    const root = repository();
    const commit = git(root, 'rev-parse', 'HEAD');
    expect(await commitOf([join(root, 'config')])).toEqual({ commit, author: 'Ada <ada@example.com>' });
    expect(await commitOf([join(root, 'config'), join(root, 'other')])).toMatchObject({ commit });
  });

  it('is none while the spec differs from it, by a change or by a new file', async () => {
    const root = repository();
    write(root, { 'config/a.yaml': 'changed' });
    expect(await commitOf([join(root, 'config')])).toEqual({});
    git(root, 'checkout', '--quiet', '.');
    write(root, { 'config/sub/new.yaml': 'new' });
    expect(await commitOf([join(root, 'config')])).toEqual({});
  });

  it('is HEAD when only other files differ, such as a store or another directory', async () => {
    const root = repository();
    write(root, { 'config/charter.db': 'x', 'other/x.yaml': 'changed' });
    expect(await commitOf([join(root, 'config')])).toHaveProperty('commit');
  });

  it('is none outside of a repository, before the first commit, and of two repositories', async () => {
    const root = temporary();
    write(root, { 'config/a.yaml': 'a' });
    expect(await commitOf([join(root, 'config')])).toEqual({});
    git(root, 'init', '--quiet');
    expect(await commitOf([join(root, 'config')])).toEqual({});
    const [one, two] = [repository(), repository()];
    write(two, { 'b.yaml': 'b' });
    git(two, 'add', '.');
    git(two, 'commit', '--quiet', '-m', 'two');
    expect(await commitOf([one, two])).toEqual({});
  });
});
