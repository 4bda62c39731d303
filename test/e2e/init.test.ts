// From nothing to a token by what `charter init` prints, typed into a shell as it stands.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { basic, eventually, freePort, MAIN, payload } from './charter.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'charter-init-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('init, its commands, and a token', async () => {
  const bin = join(root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'charter'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(bin, 'charter'), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1' };
  const issuer = `http://localhost:${await freePort()}`;
  const printed = execFileSync(join(bin, 'charter'), ['init', '--issuer', issuer], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  const commands = [...printed.matchAll(/^ {2}(.+)$/gm)].map(([, command]) => command as string);
  expect(commands.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
    'export CLIENT1_SECRET="$(charter',
    'charter validate',
    'charter serve',
  ]);

  const [last = '', ...first] = [...commands].reverse();
  // What follows is told by the shell itself, so that the test has the secret and no output of charter does.
  const shell = [...first.reverse(), 'echo "secret=$CLIENT1_SECRET"', `exec ${last}`].join('\n');
  const child = spawn('bash', ['--norc', '-e', '-c', shell], { cwd: root, env });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  try {
    const secret = await eventually(() => {
      const found = /^secret=(\S+)$/m.exec(output)?.[1];
      if (found === undefined) throw new Error(output);
      return found;
    });
    const reply = await eventually(async () => {
      const headers = { ...basic('Client1', secret), 'content-type': 'application/x-www-form-urlencoded' };
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers,
        body: 'grant_type=client_credentials',
      });
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}\n${output}`);
      return (await response.json()) as { access_token: string };
    });
    expect(payload(reply.access_token)).toMatchObject({ iss: issuer, aud: ['Client1'] });
    expect(output).toContain('0 errors, 0 warnings');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});
