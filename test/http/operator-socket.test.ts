import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeWayFor, operatorSocketPath, requestOperator } from '../../src/http/operator-socket.ts';

let directory: string;
const temporary = process.env.TMPDIR;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'charter-')));
});
afterEach(() => {
  vi.restoreAllMocks();
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  rmSync(directory, { recursive: true, force: true });
});

function hashed(store: string): string {
  return `charter-${createHash('sha256').update(store).digest('hex').slice(0, 16)}.sock`;
}

describe('the path of the socket', () => {
  it('is beside the real store: every name of it leads to the same', () => {
    const store = join(directory, 'charter.db');
    writeFileSync(store, '');
    symlinkSync(store, join(directory, 'link.db'));
    symlinkSync(directory, join(directory, 'here'));
    for (const name of ['charter.db', 'link.db', 'here/charter.db', 'here/link.db', './here/../charter.db']) {
      expect(operatorSocketPath(`${directory}/${name}`, {})).toBe(`${store}.sock`);
    }
  });

  it('is known before the store is made, its directory too', () => {
    symlinkSync(directory, join(directory, 'here'));
    expect(operatorSocketPath(join(directory, 'here', 'new.db'), {})).toBe(join(directory, 'new.db.sock'));
    expect(operatorSocketPath(join(directory, 'here', 'a', 'b.db'), {})).toBe(join(directory, 'a', 'b.db.sock'));
    expect(operatorSocketPath('relative.db', {})).toBe(join(realpathSync('.'), 'relative.db.sock'));
  });

  it('is at most 100 bytes: a longer one is a digest in $XDG_RUNTIME_DIR', () => {
    const room = 100 - Buffer.byteLength(join(directory, '.sock'));
    const fits = join(directory, 'x'.repeat(room));
    const long = join(directory, 'x'.repeat(room + 1));
    // Bytes count, not characters.
    const wide = join(directory, `${'x'.repeat(room - 1)}ü`);
    const env = { XDG_RUNTIME_DIR: '/run/user/1000' };
    expect(operatorSocketPath(fits, env)).toBe(`${fits}.sock`);
    expect(Buffer.byteLength(operatorSocketPath(fits, env))).toBe(100);
    expect(operatorSocketPath(long, env)).toBe(`/run/user/1000/${hashed(long)}`);
    expect(operatorSocketPath(wide, env)).toBe(`/run/user/1000/${hashed(wide)}`);
  });

  it('is a digest for a store that is no file', () => {
    const url = 'postgres://charter:pw@db/charter';
    const env = { XDG_RUNTIME_DIR: '/run/user/1000' };
    expect(operatorSocketPath(url, env)).toBe(`/run/user/1000/${hashed(url)}`);
    expect(operatorSocketPath(':memory:', env)).toBe(`/run/user/1000/${hashed(':memory:')}`);
    const own = join(tmpdir(), `charter-${process.getuid?.()}`);
    for (const unusable of [{}, { XDG_RUNTIME_DIR: 'relative' }, { XDG_RUNTIME_DIR: `/${'x'.repeat(90)}` }]) {
      expect(operatorSocketPath(url, unusable)).toBe(join(own, hashed(url)));
    }
  });
});

describe('the directory below the temporary one', () => {
  const url = 'postgres://db/charter';

  it('is made for the user alone', async () => {
    process.env.TMPDIR = directory;
    const path = operatorSocketPath(url, {});
    expect(await makeWayFor(path)).toBeUndefined();
    expect(await makeWayFor(path)).toBeUndefined();
  });

  it('is not used when it is another user’s', async () => {
    process.env.TMPDIR = directory;
    vi.spyOn(process, 'getuid').mockReturnValue(54_321);
    const path = operatorSocketPath(url, {});
    mkdirSync(join(directory, 'charter-54321'), { mode: 0o700 });
    expect(await makeWayFor(path)).toBe(`${join(directory, 'charter-54321')} is not a directory of this user.`);
  });

  it('is not used when others may write it, or when it is something else', async () => {
    process.env.TMPDIR = directory;
    const path = operatorSocketPath(url, {});
    const own = join(directory, `charter-${process.getuid?.()}`);
    mkdirSync(own);
    chmodSync(own, 0o755);
    expect(await makeWayFor(path)).toBe(`${own} is open to other users; its mode must be 0700.`);
    rmSync(own, { recursive: true });
    mkdirSync(join(directory, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(directory, 'elsewhere'), own);
    expect(await makeWayFor(path)).toBe(`${own} is not a directory of this user.`);
  });
});

describe('asking over the socket', () => {
  let server: HttpServer | undefined;
  afterEach(() => void server?.close());

  function answering(status: number, body: string): Promise<string> {
    const path = join(directory, 's.sock');
    server = createServer((_request, response) => response.writeHead(status).end(body));
    return new Promise((resolve) => server?.listen(path, () => resolve(path)));
  }

  it('answers the object', async () => {
    expect(await requestOperator(await answering(200, '{"a":[1]}'), '/status')).toEqual({ a: [1] });
  });

  it('says when no server runs', async () => {
    const path = join(directory, 'none.sock');
    await expect(requestOperator(path, '/status')).rejects.toMatchObject({
      code: 'server_absent',
      message: `${path}: no server is running for this store.`,
    });
  });

  it('does not say so when something else stands where the socket would', async () => {
    const path = join(directory, 'file.sock');
    writeFileSync(path, '');
    await expect(requestOperator(path, '/status')).rejects.toMatchObject({
      code: 'server_unreachable',
      message: `${path}: it is no socket.`,
    });
  });

  it('trusts no socket of another user', async () => {
    const path = await answering(200, '{}');
    vi.spyOn(process, 'getuid').mockReturnValue(54_321);
    await expect(requestOperator(path, '/status')).rejects.toMatchObject({
      code: 'server_unreachable',
      message: `${path} belongs to another user, so its answers are not trusted.`,
    });
  });

  it.each([
    [500, '{}', 'status 500'],
    [200, 'hello', 'no JSON object'],
    [200, '[]', 'no JSON object'],
  ])('says what is wrong with an answer of %d %s', async (status, body, message) => {
    await expect(requestOperator(await answering(status, body), '/status')).rejects.toMatchObject({
      code: 'server_unreachable',
      message: expect.stringContaining(message),
    });
  });
});
