// charter secret, as a script calls it: what goes in by a pipe, what comes out, and what never does.

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isGeneratedSecret } from '../../src/model/generated-secret.ts';
import { createSecretChecker, storedForm } from '../../src/oauth/secret.ts';
import { type Answer, MAIN } from './case.ts';

/** Runs `charter secret …` with this on stdin. */
function secret(args: readonly string[], stdin: string | Uint8Array = ''): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'secret', ...args], { cwd: tmpdir(), env: {} });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // One that refuses may end before it has read all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}

const recognises = async (phc: string, presented: string) => {
  const checker = createSecretChecker({ key: new Uint8Array(32) });
  return (await checker.recognise(presented, [storedForm(phc)])) !== undefined;
};

describe('charter secret generate', () => {
  it('prints one generated secret and nothing else, each time another', async () => {
    const [one, other] = await Promise.all([secret(['generate']), secret(['generate'])]);
    for (const { code, stdout, stderr } of [one, other]) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.endsWith('\n')).toBe(true);
      expect(isGeneratedSecret(stdout.slice(0, -1))).toBe(true);
    }
    expect(one.stdout).not.toBe(other.stdout);
  });
});

describe('charter secret hash', () => {
  it('prints the Argon2id hash of what came on stdin, without one newline at its end', async () => {
    const value = 'grün correct horse battery staple';
    for (const stdin of [value, `${value}\n`, `${value}\r\n`]) {
      const { code, stdout, stderr } = await secret(['hash'], stdin);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+\n$/);
      expect(await recognises(stdout.trim(), value)).toBe(true);
      expect(await recognises(stdout.trim(), `${value}\n`)).toBe(false);
      expect(stderr).toBe('In the spec, in quotes because of its commas: secret: { hash: "…" }\n');
    }
  });

  it('of a generated secret is an Argon2id hash too, and says nothing of its strength', async () => {
    const { stdout: generated } = await secret(['generate']);
    const { stdout, stderr } = await secret(['hash'], generated);
    expect(await recognises(stdout.trim(), generated.trim())).toBe(true);
    expect(stderr).not.toContain('warning');
  });

  it('of a weak one warns on stderr, and prints it', async () => {
    const { code, stdout, stderr } = await secret(['hash'], 'hunter2-hunter2');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*charter secret generate/);
    expect(stdout).toMatch(/^\$argon2id\$/);
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['only a newline', '\n', 'is empty'],
    ['two lines', 'canary-one\ncanary-two\n', 'several lines'],
    ['two newlines at its end', 'canary-one\n\n', 'several lines'],
    ['a tab', 'canary\tone', 'control character'],
    ['a NUL', 'canary\0one', 'control character'],
    ['a byte order mark', '\ufeffcanary-one', 'byte order mark'],
    ['what is not UTF-8', Buffer.from('canary-gr\u00fcn', 'latin1'), 'not UTF-8'],
    ['64 KiB and more', 'canary'.repeat(12_000), 'longer than 65536 bytes'],
    ['too few characters', 'canar', 'tried out in no time'],
  ])('refuses %s, and repeats nothing of it', async (_, stdin, why) => {
    const { code, stdout, stderr } = await secret(['hash'], stdin);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('canar');
  });
});

describe('a secret in the command line', () => {
  it.each([
    [['hash', 'canary']],
    [['hash', '--canary']],
    [['hash', '-canary', 'canary']],
    [['hash', '--secret=canary']],
    [['hash', '--', 'canary']],
    [['generate', 'canary']],
    [['canary']],
    [['--canary']],
    [['canary', 'hash']],
    [[]],
  ])('%j is wrong usage, and not repeated', async (args) => {
    const { code, stdout, stderr } = await secret(args, 'correct horse battery staple');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toContain('canary');
  });

  it('a misspelt command is told what was meant', async () => {
    expect((await secret(['genrate'])).stderr).toContain('Did you mean "generate"?');
  });
});
