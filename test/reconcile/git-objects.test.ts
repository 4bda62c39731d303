import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openGitObjects } from '../../src/reconcile/git-objects.ts';
import { temporary, write } from './directory.ts';
import { commit, initialize } from './repository.ts';

describe('the process that reads objects', () => {
  it('answers many requests at once, each with its own object', async () => {
    const top = temporary();
    initialize(top);
    const texts = Array.from({ length: 200 }, (_, position) => `${'x'.repeat(position * 97)}${position}`);
    write(top, Object.fromEntries(texts.map((text, position) => [`${position}.yaml`, text])));
    const id = commit(top);
    const objects = openGitObjects(top);
    try {
      const read = texts.map((_, position) => objects.read(`${id}:${position}.yaml`, 'blob', 1 << 20));
      const contents = (await Promise.all(read)).map((object) => (object.ok ? object.bytes.toString() : object.kind));
      expect(contents).toEqual(texts);
      expect(await objects.read(id, 'blob', 1 << 20)).toEqual({ ok: false, kind: 'missing' });
      expect(await objects.read(`${id}:199.yaml`, 'blob', 100)).toEqual({ ok: false, kind: 'too-large' });
      expect(await objects.read(`${id}:0.yaml`, 'blob', 100)).toMatchObject({ ok: true });
    } finally {
      await objects.close();
    }
  });

  it('that cannot run fails every request, with what Git said, and ends', async () => {
    const objects = openGitObjects(join(temporary(), 'nowhere'));
    const failure = { code: 'base_unreadable', message: expect.stringContaining('No such file or directory') };
    const requests = [objects.read('main', 'blob', 1), objects.read('main', 'blob', 1)];
    for (const request of requests) await expect(request).rejects.toMatchObject(failure);
    await expect(objects.read('main', 'blob', 1)).rejects.toMatchObject(failure);
    await objects.close();
  });
});
