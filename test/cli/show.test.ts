// charter show, where what it is given is no plain file, or comes from who is not trusted.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checksumOf } from '../../src/plan/json.ts';
import type { PlanJson } from '../../src/plan/json-types.ts';
import { type Answer, charter, MAIN, readQuickstart, workplace, writeFiles } from './case.ts';

const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXI';

/** Runs `charter show …` with this on stdin. */
function show(argv: readonly string[], cwd: string, stdin: string): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'show', ...argv], { cwd, env: {} });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        said[stream] += text;
      });
    }
    child.on('close', (code) => resolve({ code, ...said }));
    // One that refuses may end before it has read all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}

/** A plan that was told and saved. */
async function savedPlan(cwd: string): Promise<{ readonly told: string; readonly text: string }> {
  const spec = readQuickstart().replace(/secret: \{ env: \w+ \}/, `secret: { hash: "${HASH}" }`);
  expect(spec).toContain(HASH);
  writeFiles(cwd, [['config/charter.yaml', spec]]);
  const { stdout, code } = await charter(['plan', 'config', '--json', 'plan.json'], cwd);
  expect(code).toBe(0);
  return { told: stdout, text: readFileSync(join(cwd, 'plan.json'), 'utf8') };
}

describe('charter show', () => {
  it('tells from stdin, a file and a pipe what plan told, without the hash that the spec has', async () => {
    const cwd = workplace();
    const { told, text } = await savedPlan(cwd);
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(cwd, 'pipe')]);
    const writer = spawn('sh', ['-c', 'cat plan.json > pipe'], { cwd });
    const answers = await Promise.all([show(['-'], cwd, text), show(['plan.json'], cwd, ''), show(['pipe'], cwd, '')]);
    expect(writer.exitCode ?? 0).toBe(0);
    for (const { code, stdout, stderr } of answers) {
      expect({ code, stdout }).toEqual({ code: 0, stdout: told });
      expect(stderr).toMatch(/^Plan against an empty store, made \S+ by Charter \S+\.\n$/);
    }
    expect(text).not.toContain('argon2id');
    expect(text).toContain('"withheld_hash": 1');
  });

  it('refuses what is no text, and what was edited, and says which', async () => {
    const cwd = workplace();
    const { text } = await savedPlan(cwd);
    writeFileSync(join(cwd, 'bytes'), Uint8Array.from([0xff, 0xfe, 0x7b, 0x00]));
    const bytes = await show(['bytes'], cwd, '');
    expect(bytes).toMatchObject({ code: 1, stdout: '', stderr: 'error: bytes is no UTF-8 text, and so no plan.\n' });
    const edited = await show(['-'], cwd, text.replace('"client_id": "Client1"', '"client_id": "Client2"'));
    expect(edited).toMatchObject({ code: 1, stdout: '' });
    expect(edited.stderr).toMatch(/^error: What came on stdin cannot be read as a plan\. It was edited or damaged/);
    expect(await show(['-'], cwd, '')).toMatchObject({ code: 1, stdout: '' });
    expect(await show([''], cwd, '')).toMatchObject({ code: 64, stdout: '' });
    expect(await show([], cwd, '')).toMatchObject({ code: 64, stdout: '' });
  });

  it('shows no terminal what somebody wrote into a plan to move its cursor', async () => {
    const cwd = workplace();
    const { text } = await savedPlan(cwd);
    const plan: PlanJson = JSON.parse(text);
    const nasty = '\u001b[2J\u009b1A\u202e';
    const source = { file: nasty, start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } };
    const risk = {
      kind: 'deletes',
      subject: nasty,
      digest: '0123456789abcdef',
      summary: nasty,
      items: [{ text: nasty }],
    };
    const test = { name: nasty, source, outcome: 'failed', before: 'absent', problems: [nasty] };
    const token = { client: 'application:Example/Client1', client_id: nasty, grant_type: nasty, scope: [nasty] };
    const nastyToken = { claims: { [nasty]: nasty }, lifetime: 1 };
    const { checksum: _old, ...content } = plan;
    const forged = {
      ...content,
      engine_version: nasty,
      config: { author: nasty },
      base: { kind: 'ref', ref: nasty, commit: 'a'.repeat(40), digest: plan.digest },
      risks: [{ ...risk, approvable: true, approve: `deletes:${nasty}@0123456789abcdef`, approved: false }],
      tests: [test],
      token_changes: [{ ...token, before: nastyToken, after: null, reason: 'NO_AUDIENCE' }],
    } as unknown as typeof content;
    const sealed = JSON.stringify({ ...forged, checksum: checksumOf(forged) });
    const { code, stdout, stderr } = await show(['-', '--full'], cwd, sealed);
    expect(stderr).toMatch(/^Plan against \\u\{1b\}/i);
    expect(code).toBe(0);
    expect(stdout.split(/\\u\{1b\}/i).length).toBeGreaterThan(6);
    expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);

    const error = { code: 'store_foreign', message: nasty };
    const refusal = { format_version: '1.0', outcome: { exit_code: 1, changes: false }, error };
    const told = await show(['-'], cwd, JSON.stringify(refusal));
    expect(told.code).toBe(0);
    expect(told.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    const diagnostics = [
      { severity: 'error', code: 'key.unknown', summary: nasty, detail: nasty, help: nasty, range: source },
    ];
    const spec = await show(['-'], cwd, JSON.stringify({ ...refusal, error: undefined, diagnostics }));
    expect(spec.code).toBe(0);
    expect(spec.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    const coded = { ...refusal, error: { ...error, code: nasty } };
    expect(await show(['-'], cwd, JSON.stringify(coded))).toMatchObject({ code: 1, stdout: '' });
  });
});
