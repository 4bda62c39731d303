import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/cli/apply.ts';
import { EXIT, type ExitCode, worse } from '../../src/cli/exit-code.ts';
import { writeOutput, writeWhole } from '../../src/cli/files-out.ts';
import {
  checkOutputs,
  locator,
  outputsOfFindings,
  refuseOverwriting,
  requirePlaces,
  writeOutputs,
} from '../../src/cli/outputs.ts';
import { plan } from '../../src/cli/plan.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { validate } from '../../src/cli/validate.ts';
import { commit, git, initialize } from '../reconcile/repository.ts';
import { charterHere, MAIN, workplace, writeFiles } from './case.ts';

function terminalOf(env: Record<string, string> = {}): Terminal & { said: { out: string; err: string } } {
  const said = { out: '', err: '' };
  return {
    said,
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    ifLost: () => undefined,
    outColor: false,
    errColor: false,
    env,
  };
}

describe('where files are for other tools', () => {
  it('below the working directory, else by the absolute path', () => {
    const located = locator(['config'], terminalOf());
    expect([located('a/b.yaml'), located('')]).toEqual(['config/a/b.yaml', 'config']);
    expect(locator(['.'], terminalOf())('')).toBe('.');
    expect(locator(['/srv/spec'], terminalOf())('a.yaml')).toBe('/srv/spec/a.yaml');
  });

  it('below the repository that GitHub checked out, wherever in it the command runs', () => {
    const located = locator(['/srv/repo/team/config'], terminalOf({ GITHUB_WORKSPACE: '/srv/repo' }));
    expect(located('a.yaml')).toBe('team/config/a.yaml');
    const elsewhere = locator(['config'], terminalOf({ GITHUB_WORKSPACE: '/srv/repo' }));
    expect(elsewhere('a.yaml')).toBe('config/a.yaml');
  });
});

describe('where files in a Git repository are for other tools', () => {
  const spec = (top: string) => writeFiles(top, [['sub/config/x.yaml', 'site: A\nmetods: []\n']]);
  const at = (cwd: string, directory: string, env: Record<string, string> = {}) => {
    const before = process.cwd();
    process.chdir(cwd);
    try {
      return locator([directory], terminalOf(env))('x.yaml');
    } finally {
      process.chdir(before);
    }
  };

  it('from its top, wherever the command runs, and whatever the workspace of GitHub is', () => {
    const root = workplace();
    const top = join(root, 'checkout');
    spec(top);
    initialize(top);
    expect(at(top, 'sub/config')).toBe('sub/config/x.yaml');
    expect(at(join(top, 'sub'), 'config')).toBe('sub/config/x.yaml');
    expect(at(join(top, 'sub/config'), '.')).toBe('sub/config/x.yaml');
    expect(at(root, 'checkout/sub/config', { GITHUB_WORKSPACE: root })).toBe('sub/config/x.yaml');
    // Under the name by which Git knows it.
    symlinkSync('sub/config', join(top, 'link'));
    expect(at(top, 'link')).toBe('sub/config/x.yaml');
    expect(at(top, 'absent')).toBe('absent/x.yaml');
  });

  it('of a linked work tree from that, of a submodule from the repository that it is part of', () => {
    const root = workplace();
    const part = join(root, 'part');
    spec(part);
    initialize(part);
    commit(part);
    git(part, 'worktree', 'add', '--quiet', '-b', 'other', join(root, 'linked'));
    expect(at(join(root, 'linked/sub'), 'config')).toBe('sub/config/x.yaml');
    const outer = join(root, 'outer');
    mkdirSync(outer);
    initialize(outer);
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', part, 'teams/part');
    expect(at(join(outer, 'teams/part/sub'), 'config')).toBe('teams/part/sub/config/x.yaml');
  });

  it('not where a directory only has the name of one', () => {
    const root = workplace();
    spec(root);
    mkdirSync(join(root, '.git'));
    writeFileSync(join(root, 'sub/.git'), 'no repository');
    expect(at(join(root, 'sub'), 'config')).toBe('config/x.yaml');
  });

  it('in annotations, SARIF and JUnit of a step that works in a directory below it', async () => {
    const top = workplace();
    spec(top);
    initialize(top);
    const { stdout } = await charterHere(
      ['validate', 'config', '--github', '--sarif', 'o.sarif', '--junit', 'o.xml'],
      join(top, 'sub'),
    );
    expect(stdout).toContain('::error file=sub/config/x.yaml,line=2');
    expect(readFileSync(join(top, 'sub/o.sarif'), 'utf8')).toContain('"uri": "sub/config/x.yaml"');
    expect(readFileSync(join(top, 'sub/o.xml'), 'utf8')).toContain('file="sub/config/x.yaml"');
  });
});

describe('outputs are refused', () => {
  it.each([
    [{ json: '-', sarif: '-' }, /--sarif and --json would both be written to stdout/],
    [{ junit: 'x', sarif: './x' }, /would both be written to x|\.\/x/],
    [{ json: '-', github: true }, /--github/],
    [{ json: '' }, /--json names no file/],
  ])('%j', (options, reason) => {
    expect(() => checkOutputs(options)).toThrow(reason);
  });

  it('only where they meet', () => {
    expect(() => checkOutputs({ json: '-', sarif: 'a', junit: 'b' })).not.toThrow();
    expect(() => checkOutputs({ json: 'c', sarif: 'a', github: true })).not.toThrow();
  });
});

describe('a file that an option names', () => {
  it('is written whole, over the old one, with its mode and through its link', async () => {
    const root = workplace();
    writeFileSync(join(root, 'real.json'), 'a much longer old content');
    chmodSync(join(root, 'real.json'), 0o604);
    symlinkSync('real.json', join(root, 'link.json'));
    await writeWhole(join(root, 'link.json'), 'new');
    expect(readFileSync(join(root, 'real.json'), 'utf8')).toBe('new');
    expect(lstatSync(join(root, 'link.json')).isSymbolicLink()).toBe(true);
    expect(statSync(join(root, 'real.json')).mode & 0o777).toBe(0o604);
    expect(readdirSync(root).sort()).toEqual(['link.json', 'real.json']);
  });

  it('that is no regular file is written to, not replaced', async () => {
    await writeWhole('/dev/null', 'text');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('that cannot be written says why, and leaves nothing behind', async () => {
    const root = workplace();
    mkdirSync(join(root, 'taken'));
    await expect(writeOutput('--json', join(root, 'taken'), 'x')).rejects.toMatchObject({
      code: 'usage',
      message: `--json ${join(root, 'taken')} cannot be written: it is a directory, not a file. Name another file.`,
    });
    await expect(writeOutput('--json', join(root, 'no/x.json'), 'x')).rejects.toMatchObject({ code: 'usage' });
    await expect(writeOutput('--json', '/dev/full', 'x')).rejects.toMatchObject({ code: 'output_unwritable' });
    expect(readdirSync(root)).toEqual(['taken']);
  });
});

it('DESIGN 3: of two exit codes the one that comes first in 64, 3, 6, 1, 2 holds', () => {
  const order: ExitCode[] = [EXIT.usage, EXIT.invalid, EXIT.stale, EXIT.failed, EXIT.pending, EXIT.done];
  for (const [position, code] of order.entries()) {
    for (const other of order.slice(position)) expect([worse(code, other), worse(other, code)]).toEqual([code, code]);
  }
});

it('all outputs at once are written for a spec that is invalid, and for one that cannot be read', async () => {
  const root = workplace();
  writeFiles(join(root, 'config'), [['a.yaml', 'site: A\nmetods: []\n']]);
  const options = {
    json: join(root, 'o.json'),
    sarif: join(root, 'o.sarif'),
    junit: join(root, 'o.xml'),
    github: true,
  };
  const terminal = terminalOf({ GITHUB_WORKSPACE: root });
  expect(await validate([join(root, 'config')], options, terminal)).toBe(EXIT.invalid);
  expect(JSON.parse(readFileSync(options.json, 'utf8'))).toMatchObject({ outcome: { exit_code: 3 }, root: 'config' });
  expect(JSON.parse(readFileSync(options.sarif, 'utf8')).runs[0].results).toHaveLength(2);
  expect(readFileSync(options.junit, 'utf8')).toContain('name="config/a.yaml"');
  expect(terminal.said.out).toContain('::error file=config/a.yaml,line=2');

  expect(await validate([join(root, 'absent')], options, terminalOf())).toBe(EXIT.invalid);
  expect(JSON.parse(readFileSync(options.json, 'utf8')).diagnostics[0].code).toBe('spec.directory-missing');
});

describe('a plan and an apply', () => {
  const outputs = (root: string) => ({
    json: join(root, 'o.json'),
    md: join(root, 'o.md'),
    sarif: join(root, 'o.sarif'),
    junit: join(root, 'o.xml'),
    github: true,
  });
  const read = (path: string) => readFileSync(path, 'utf8');

  it.each([
    ['plan', plan],
    ['apply', apply],
  ] as const)('%s writes every output for a spec that is invalid, as validate does', async (_name, command) => {
    const root = workplace();
    writeFiles(join(root, 'config'), [['a.yaml', 'site: A\nmetods: []\n']]);
    const options = outputs(root);
    const terminal = terminalOf({ GITHUB_WORKSPACE: root });
    const store = join(root, 'charter.db');
    expect(await command([join(root, 'config')], { ...options, store }, terminal)).toBe(EXIT.invalid);
    expect(JSON.parse(read(options.json))).toMatchObject({ outcome: { exit_code: 3 }, diagnostics: [{}, {}] });
    expect(read(options.md)).toMatch(/^<!-- charter-plan:config -->\n### ❌ Charter: 2 errors, 0 warnings\n/);
    const validated = { ...options, sarif: join(root, 'v.sarif'), junit: join(root, 'v.xml') };
    const other = terminalOf({ GITHUB_WORKSPACE: root });
    await validate([join(root, 'config')], validated, other);
    expect(read(options.sarif)).toBe(read(validated.sarif));
    expect(read(options.junit)).toBe(read(validated.junit));
    expect(terminal.said.out).toBe(other.said.out.replace(/^.*\n/, ''));
    expect(existsSync(store)).toBe(false);
  });

  it.each([
    ['plan', plan],
    ['apply', apply],
  ] as const)('%s writes every output when the store cannot be read', async (_name, command) => {
    const root = workplace();
    writeFiles(root, [
      ['config/a.yaml', 'server: { issuer: "http://localhost:8080" }\n'],
      ['charter.db', 'this is no store'],
    ]);
    const options = outputs(root);
    const terminal = terminalOf();
    const code = await command([join(root, 'config')], { ...options, store: join(root, 'charter.db') }, terminal);
    expect(code).toBe(EXIT.failed);
    expect(JSON.parse(read(options.json))).toMatchObject({
      outcome: { exit_code: 1 },
      error: { code: expect.any(String) },
    });
    expect(read(options.md)).toMatch(/### ❌ Charter failed\n\n```text\n.*charter\.db/);
    expect(JSON.parse(read(options.sarif)).runs[0].invocations[0].executionSuccessful).toBe(false);
    expect(read(options.junit)).toContain('<error type="');
    expect(terminal.said.out).toMatch(/^::error title=/);
  });

  it('refuse two outputs in one place before they read anything', async () => {
    const options = { md: 'x', sarif: './x' };
    await expect(plan(['absent'], options, terminalOf())).rejects.toThrow(
      /--md and --sarif would both be written to x/,
    );
    await expect(apply(['absent'], options, terminalOf())).rejects.toThrow(/--md and --sarif/);
  });

  it('end with another code where an output cannot be written, and write the others', async () => {
    const root = workplace();
    writeFiles(root, [['config/a.yaml', 'server: { issuer: "http://localhost:8080" }\n']]);
    const options = { ...outputs(root), md: join(root, 'no/o.md') };
    const terminal = terminalOf();
    expect(await plan([join(root, 'config')], { ...options, store: join(root, 'charter.db') }, terminal)).toBe(
      EXIT.usage,
    );
    expect(terminal.said.err.match(/cannot be written/g)).toHaveLength(1);
    expect(JSON.parse(read(options.json)).outcome.exit_code).toBe(64);
    expect(JSON.parse(read(options.sarif)).runs).toHaveLength(1);
    expect(read(options.junit)).toContain('<testsuites name="charter plan"');
  });

  it('tell their comments apart by where the spec is in the repository, and by its overlays', async () => {
    const root = workplace();
    writeFiles(root, [
      ['repo/a b/config/a.yaml', 'server: { issuer: "http://localhost:8080" }\n'],
      ['repo/a b/config/overlays/prod/a.yaml', 'server: { issuer: "http://localhost:9090" }\n'],
    ]);
    const md = join(root, 'o.md');
    const options = { md, overlay: ['prod'], store: join(root, 'charter.db') };
    const directory = join(root, 'repo/a b/config');
    expect(await plan([directory], options, terminalOf({ GITHUB_WORKSPACE: join(root, 'repo') }))).toBe(EXIT.done);
    expect(read(md)).toMatch(/^<!-- charter-plan:a%20b\/config\+overlay%3Aprod -->\n/);
    expect(read(md)).toContain(`\`charter apply '${directory}' --overlay prod\``);
  });
});

it('one output that cannot be written does not keep back the others, and the JSON tells the code', async () => {
  const root = workplace();
  const terminal = terminalOf();
  const findings = { diagnostics: [], files: [], located: (file: string) => resolve(root, file) };
  const options = { sarif: join(root, 'no/o.sarif'), junit: join(root, 'o.xml'), json: join(root, 'o.json') };
  expect(await writeOutputs(outputsOfFindings(findings, []), { options, code: EXIT.done }, terminal)).toBe(EXIT.usage);
  expect(JSON.parse(readFileSync(options.json, 'utf8')).outcome).toEqual({ exit_code: 64 });
  expect(terminal.said.err.match(/cannot be written/g)).toHaveLength(1);
});

describe('an output', () => {
  it('is never written over the store or a file of the spec, by whichever name', async () => {
    const directory = workplace();
    mkdirSync(join(directory, 'config'));
    writeFileSync(join(directory, 'config', 'a.yaml'), 'site: A\n');
    writeFileSync(join(directory, 'store.db'), '');
    symlinkSync('store.db', join(directory, 'link.json'));
    const guarded = { store: join(directory, 'store.db'), directories: [join(directory, 'config')] };
    const refused = (path: string) => () => refuseOverwriting({ json: join(directory, path) }, guarded);
    for (const path of ['store.db', 'store.db-wal', 'link.json']) expect(refused(path)).toThrow(/is the store/);
    for (const path of ['config/a.yaml', 'config/new.yml']) expect(refused(path)).toThrow(/a file of the spec/);
    for (const path of ['config/plan.json', 'plan.json', 'b.yaml']) expect(refused(path)).not.toThrow();
  });

  it('without a directory is told before anything is applied', () => {
    expect(() => requirePlaces({ md: '/nowhere/at/all.md' })).toThrow(/its directory does not exist/);
    expect(() => requirePlaces({ md: '-', json: 'plan.json' })).not.toThrow();
  });
});

/** A device on which no space is ever left. */
const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('an output without space', () => {
  const spec = 'server: { issuer: "http://localhost:8080" }\n';

  /** The command with that for its stdout: its code and what it says on stderr. */
  async function toFull(cwd: string, argv: readonly string[]): Promise<{ code: number | null; stderr: string }> {
    const full = openSync(FULL, 'w');
    const child = spawn(process.execPath, [MAIN, ...argv], { cwd, env: {}, stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    closeSync(full);
    return { code, stderr };
  }

  it('ends a command with 1 and a sentence, and a graver code stays', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec]]);
    const stdout = 'error: stdout cannot be written: no space is left on the device.\n';
    expect(await toFull(cwd, ['plan', 'config'])).toEqual({ code: 1, stderr: stdout });
    expect(await toFull(cwd, ['--help'])).toEqual({ code: 1, stderr: stdout });
    const invalid = await toFull(cwd, ['plan', 'nowhere', '--json', '-']);
    expect([invalid.code, invalid.stderr]).toEqual([3, expect.stringContaining(stdout)]);
    const json = await charterHere(['plan', 'config', '--json', FULL], cwd);
    expect([json.code, json.stderr]).toEqual([
      1,
      `error: --json ${FULL} cannot be written: no space is left on the device.\n`,
    ]);
  });

  it('does not keep from anybody that something was applied', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', spec]]);
    const stdout = 'error: stdout cannot be written: no space is left on the device.\n';
    const applied = { code: 1, stderr: `${stdout}Generation 1 is applied.\n` };
    expect(await toFull(cwd, ['apply', 'config', '--store', 'text.db'])).toEqual(applied);
    expect(await toFull(cwd, ['apply', 'config', '--store', 'json.db', '--json', '-'])).toEqual(applied);
    // Nothing is left to apply.
    expect(await toFull(cwd, ['apply', 'config', '--store', 'json.db'])).toEqual({ code: 1, stderr: stdout });
    const json = await charterHere(['apply', 'config', '--store', 'file.db', '--json', FULL], cwd);
    expect([json.code, json.stderr]).toEqual([
      1,
      `error: Generation 1 is applied; --json ${FULL} cannot be written: no space is left on the device.\n`,
    ]);
  });
});
