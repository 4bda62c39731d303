import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitOf, headOf, olderCommitOf } from '../../src/reconcile/git.ts';
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

describe('the commit that is checked out', () => {
  it('is told as another than the spec where a file differs, is new, or lies elsewhere', async () => {
    const root = repository();
    const head = { commit: git(root, 'rev-parse', 'HEAD'), author: 'Ada <ada@example.com>' };
    const config = join(root, 'config');
    expect(await headOf([config])).toEqual(head);
    const elsewhere = temporary();
    expect(await headOf([config, elsewhere])).toEqual({ ...head, dirty: true });
    expect(await headOf([elsewhere, config])).toEqual({ ...head, dirty: true });
    expect(await headOf([elsewhere])).toEqual({});
    write(root, { 'config/sub/new.yaml': 'new' });
    expect(await headOf([config])).toEqual({ ...head, dirty: true });
  });
});

describe('an older commit', () => {
  /** A repository at the first of its two commits; answers the directory of the spec and both commits. */
  function atTheFirst() {
    const root = repository();
    const first = git(root, 'rev-parse', 'HEAD');
    write(root, { 'config/a.yaml': 'later' });
    const second = commit(root);
    git(root, 'checkout', '--quiet', first);
    return { root, config: join(root, 'config'), first, second };
  }

  it('is one that the applied commit contains', async () => {
    const { root, config, first, second } = atTheFirst();
    expect(await olderCommitOf([config], second)).toBe(first);
    expect(await olderCommitOf([config], first)).toBeUndefined();
    git(root, 'checkout', '--quiet', second);
    expect(await olderCommitOf([config], first)).toBeUndefined();
  });

  it('is one whatever is not committed beside it, and whatever the spec takes from elsewhere', async () => {
    const { root, config, first, second } = atTheFirst();
    const elsewhere = temporary();
    const other = repository();
    write(other, { 'z.yaml': 'z' });
    commit(other);
    write(root, { 'config/untracked.yaml': 'x' });
    for (const directories of [[config], [config, elsewhere], [elsewhere, config], [other, config]]) {
      expect(await olderCommitOf(directories, second), directories.join()).toBe(first);
    }
    write(root, { 'config/a.yaml': 'changed' });
    expect(await olderCommitOf([config], second)).toBe(first);
  });

  it('is none where Git cannot tell: no repository, one that never saw the other, a name that is none', async () => {
    const { config, second } = atTheFirst();
    expect(await olderCommitOf([temporary()], second)).toBeUndefined();
    expect(await olderCommitOf([config], 'f'.repeat(40))).toBeUndefined();
    expect(await olderCommitOf([config], '--output=x')).toBeUndefined();
    expect(await olderCommitOf([], second)).toBeUndefined();
  });
});
