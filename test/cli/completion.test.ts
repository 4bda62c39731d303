// The completion scripts, run by the shells that are there: bash always, zsh and fish where they are installed.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DIAGNOSTICS } from '../../src/spec/catalogue.ts';
import { charter, MAIN, workplace } from './case.ts';

const scripts = new Map<string, string>();

beforeAll(() => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    scripts.set(shell, execFileSync(process.execPath, [MAIN, 'completion', shell], { encoding: 'utf8' }));
  }
});

/** What bash offers for the last of the words. */
function complete(words: readonly string[], cwd?: string): string[] {
  const program = `${scripts.get('bash')}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_charter
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const answer = spawnSync('bash', ['--norc', '-c', program, 'bash', 'charter', ...words], { encoding: 'utf8', cwd });
  expect(answer.stderr).toBe('');
  return answer.stdout.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  it('is told what to do with charter', () => {
    const answer = spawnSync('bash', ['--norc', '-c', `${scripts.get('bash')}\ncomplete -p charter`], {
      encoding: 'utf8',
    });
    expect(answer.stdout).toContain('complete -F _charter charter');
  });

  it('offers every command that --help lists', async () => {
    const { stdout } = await charter(['--help'], workplace());
    const commands = stdout.split('To write a spec:')[1]?.split('Start here:')[0] ?? '';
    const listed = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
    expect(listed.length).toBeGreaterThan(8);
    expect(complete([''])).toEqual(listed);
    expect(complete(['va'])).toEqual(['validate']);
  });

  it('offers options, of the command that was written before', async () => {
    expect(complete(['plan', 'config', '--det'])).toEqual(['--detailed-exitcode']);
    expect(complete(['fmt', '-'])).toEqual(['--check', '--help', '-h']);
    expect(complete(['--v'])).toEqual(['--version']);
    const { stdout } = await charter(['serve', '--help'], workplace());
    const listed = [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name).sort();
    expect(complete(['serve', '--']).sort()).toEqual(listed);
  });

  it('offers choices of options and of arguments, commands below commands, and codes for help', () => {
    expect(complete(['schema', '--kind', ''])).toEqual([
      'server',
      'site',
      'tests',
      'server-overlay',
      'site-overlay',
      'tests-overlay',
      'validate',
      'test',
      'answer',
      'plan',
    ]);
    expect(complete(['init', '--ci', 'g'])).toEqual(['github', 'gitlab']);
    expect(complete(['completion', ''])).toEqual(['bash', 'zsh', 'fish']);
    expect(complete(['secret', ''])).toEqual(['generate', 'hash']);
    expect(complete(['secret', 'hash', '--h'])).toEqual(['--help']);
    expect(complete(['keys', ''])).toEqual(['list', 'rotate', 'remove']);
    expect(complete(['keys', 'rotate', '--alg', ''])).toEqual(['ES256', 'RS256', 'EdDSA']);
    expect(complete(['help', 'yaml.'])).toEqual(Object.keys(DIAGNOSTICS).filter((code) => code.startsWith('yaml.')));
    expect(complete(['help', 'va'])).toContain('validate');
  });

  it('offers directories where a directory is expected, files where a file is, with spaces in their names', () => {
    const cwd = workplace();
    mkdirSync(join(cwd, 'my config'));
    writeFileSync(join(cwd, 'my plan.json'), '');
    expect(complete(['plan', 'my'], cwd)).toEqual(['my config']);
    expect(complete(['plan', '--secrets-dir', ''], cwd)).toEqual(['my config']);
    expect(complete(['plan', '--json', 'my'], cwd).sort()).toEqual(['my config', 'my plan.json']);
    expect(complete(['fmt', 'my'], cwd).sort()).toEqual(['my config', 'my plan.json']);
    expect(complete(['serve', '--port', ''], cwd)).toEqual([]);
  });
});

describe.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const)('%s', (shell, check) => {
  it('has a script with every command and every option', async () => {
    const script = scripts.get(shell) ?? '';
    const { stdout } = await charter(['--help'], workplace());
    for (const [, name] of stdout.matchAll(/^ {2}([a-z]+) /gm)) expect(script).toContain(name);
    for (const option of ['detailed-exitcode', 'behind-proxy', 'kind', 'ci']) expect(script).toContain(option);
  });

  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  it.skipIf(!isThere)('takes its syntax', () => {
    const file = join(workplace(), 'script');
    writeFileSync(file, scripts.get(shell) ?? '');
    const answer = spawnSync(shell, [...check, file], { encoding: 'utf8' });
    expect(answer.stderr).toBe('');
    expect(answer.status).toBe(0);
  });
});

it('a shell that is not known is wrong usage', async () => {
  const answer = await charter(['completion', 'tcsh'], workplace());
  expect(answer.code).toBe(64);
  expect(answer.stderr).toContain('bash, zsh, fish');
});
