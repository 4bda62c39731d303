import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { collectAnswers } from '../../src/cli/init/answers.ts';
import { init } from '../../src/cli/init.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { charter, workplace, writeFiles } from './case.ts';

function filesOf(cwd: string): string[] {
  const entries = readdirSync(cwd, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
    .sort();
}

function read(cwd: string, path: string): string {
  return readFileSync(join(cwd, path), 'utf8');
}

async function expectGood(cwd: string, directory: string): Promise<void> {
  const validated = await charter(['validate', directory], cwd);
  expect(validated.stderr + validated.stdout).toContain('0 errors, 0 warnings');
  expect((await charter(['fmt', '--check', directory], cwd)).code).toBe(0);
}

describe('without a terminal', () => {
  it('asks nothing: the defaults make a spec that validates without a warning and is formatted', async () => {
    const cwd = workplace();
    const answer = await charter(['init'], cwd);
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(answer.stdout).not.toContain('?');
    expect(filesOf(cwd)).toEqual([
      '.charter/schema/server-overlay.schema.json',
      '.charter/schema/server.schema.json',
      '.charter/schema/site-overlay.schema.json',
      '.charter/schema/site.schema.json',
      '.charter/schema/tests-overlay.schema.json',
      '.charter/schema/tests.schema.json',
      '.env.example',
      '.github/workflows/charter.yml',
      '.gitignore',
      '.vscode/settings.json',
      'config/server.yaml',
      'config/sites/Example.yaml',
    ]);
    await expectGood(cwd, 'config');
    expect(read(cwd, '.gitignore')).toBe('charter.db*\n.env\n');
    // The modelines and the settings lead to schemas that are there.
    const modeline = /\$schema=(\S+)/.exec(read(cwd, 'config/sites/Example.yaml'))?.[1] ?? '';
    expect(JSON.parse(read(cwd, join('config/sites', modeline))).title).toBe('Charter site document');
    for (const path of Object.keys(JSON.parse(read(cwd, '.vscode/settings.json'))['yaml.schemas'])) {
      expect(existsSync(join(cwd, path))).toBe(true);
    }
  });

  it('no secret stands in what it writes', async () => {
    const cwd = workplace();
    await charter(['init'], cwd);
    expect(read(cwd, '.env.example')).toMatch(/^CLIENT1_SECRET=$/m);
    for (const path of filesOf(cwd).filter((file) => !file.endsWith('.schema.json'))) {
      expect(read(cwd, path)).not.toMatch(/chs_|argon2id/);
    }
  });

  it.each([
    ['no', '1.0'],
    ['null', 'batch-1@team+x'],
    ['S.1', '2fast~'],
  ])('any name will do: site %s, client %s', async (site, client) => {
    const cwd = workplace();
    expect((await charter(['init', 'a b/spec', '--site', site, '--client', client], cwd)).code).toBe(0);
    await expectGood(cwd, 'a b/spec');
  });

  it.each([
    [['--issuer', 'http://id.example.com'], 'clear text'],
    [['--issuer', 'localhost'], 'absolute URL'],
    [['--site', 'my team'], 'A name begins with'],
    [['--client', '../x'], 'A name begins with'],
    [['--ci', 'jenkins'], 'github, gitlab, none'],
    [['--client', 'openid'], 'openid is a scope of the protocol'],
    [['--client', 'a\n'], 'A name begins with'],
  ])('%j is wrong usage, and nothing is written', async (options, told) => {
    const cwd = workplace();
    const answer = await charter(['init', ...options], cwd);
    expect(answer.code).toBe(64);
    expect(answer.stderr).toContain(told);
    expect(filesOf(cwd)).toEqual([]);
  });

  it('never changes a file that is there: what is missing is added, to .gitignore its missing lines', async () => {
    const cwd = workplace();
    writeFiles(cwd, [
      ['.vscode/settings.json', '{}'],
      ['.gitignore', 'node_modules\n.env'],
      ['config/notes.md', ''],
    ]);
    const first = await charter(['init'], cwd);
    expect(first.stdout).toContain('kept     .vscode/settings.json\n');
    expect(read(cwd, '.vscode/settings.json')).toBe('{}');
    expect(read(cwd, '.gitignore')).toBe('node_modules\n.env\ncharter.db*\n');
    const before = filesOf(cwd).map((path) => read(cwd, path));
    const again = await charter(['init', '--site', 'Other'], cwd);
    expect(again.code).toBe(0);
    expect(again.stdout).not.toMatch(/^(wrote|added)/m);
    expect(filesOf(cwd).map((path) => read(cwd, path))).toEqual(before);
  });

  it('adds nothing to a spec that is there, and what stands around it all the same', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/all.yaml', 'server: { issuer: http://localhost }\n']]);
    const answer = await charter(['init', '--ci', 'github'], cwd);
    expect(answer.stdout).toContain('kept     config: a spec is there');
    expect(filesOf(cwd)).toContain('.github/workflows/charter.yml');
    expect(filesOf(cwd).filter((path) => path.startsWith('config'))).toEqual(['config/all.yaml']);
  });

  it('a place that cannot be written is told, with 1', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config', 'a file']]);
    const answer = await charter(['init'], cwd);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toMatch(/^error: .*config.* cannot be written: /);
  });

  it.each([
    ['github', '.github/workflows/charter.yml', ''],
    ['gitlab', '.gitlab-ci.yml', ' --junit charter-junit.xml'],
  ])(
    'the CI file of %s checks the format and the spec, plans it, and says how charter is installed',
    async (ci, path, output) => {
      const cwd = workplace();
      await charter(['init', 'my: config', '--ci', ci], cwd);
      const text = read(cwd, path);
      expect(text).toContain('# INSTALL: ');
      const words = /(?:npm [a-z]+ --|charter [a-z]+ (?:--check )?'my: config')[^"\\]*/g;
      const commands = JSON.stringify(parse(text)).match(words) ?? [];
      expect(commands.map((command) => command.trim()).sort()).toEqual([
        "charter fmt --check 'my: config'",
        "charter plan 'my: config' --against",
        `charter validate 'my: config'${output}`,
        'npm install --global',
        'npm pack --silent --pack-destination',
      ]);
    },
  );
});

describe('on a terminal', () => {
  function person(cwd: string) {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true });
    let shown = '';
    output.on('data', (chunk) => {
      shown += chunk;
    });
    const told: string[] = [];
    const terminal: Terminal = {
      out: (text) => void told.push(text),
      err: (text) => void told.push(text),
      ifLost: () => undefined,
      outColor: false,
      errColor: false,
      env: {},
    };
    const directory = join(cwd, 'config');
    return { input, told, shown: () => shown, run: () => init(directory, {}, { input, output }, terminal) };
  }

  it('every question has a default, and a bad answer is asked again', async () => {
    const cwd = workplace();
    const { input, told, shown, run } = person(cwd);
    const done = run();
    input.write('http://localhost:8080/\nhttp://localhost:8080/uas\n\nmy client\nbatch\n\n');
    expect(await done).toBe(0);
    expect(shown().match(/issuer/g)?.length).toBe(2);
    expect(shown()).toContain('Name of the first client [Client1]: ');
    expect(told.join('')).toContain('A name begins with');
    expect(read(cwd, 'config/server.yaml')).toContain('issuer: http://localhost:8080/uas\n');
    expect(read(cwd, 'config/sites/Example.yaml')).toContain('secret: { env: BATCH_SECRET }');
  });

  it('who goes away in the middle has nothing written, and it ends with 1', async () => {
    const cwd = workplace();
    const { input, told, run } = person(cwd);
    const done = run();
    input.end('http://localhost:8080/uas\n');
    expect(await done).toBe(1);
    expect(told.join('')).toContain('nothing was written');
    expect(filesOf(cwd)).toEqual([]);
  });

  it('what an option says is not asked, and a wrong option is told before any question', async () => {
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return '';
    };
    const given = { issuer: 'https://id.example.com', ci: 'gitlab' };
    expect(await collectAnswers(given, ask, () => {})).toEqual({ ...given, site: 'Example', client: 'Client1' });
    expect(asked.length).toBe(2);
    await expect(collectAnswers({ client: '!' }, ask, () => {})).rejects.toThrow('--client');
    expect(asked.length).toBe(2);
  });
});
