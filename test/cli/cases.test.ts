// Each file of cases/ is one command with its golden output. `UPDATE_GOLDEN=1` writes what was answered; read the diff.
// A section `run` with the word `here` runs it in this process, where it needs none of its own.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Answer, charter, charterHere, lines, parseCase, printCase, workplace, writeFiles } from './case.ts';
import { SETUPS } from './setups.ts';

const CASES = join(import.meta.dirname, 'cases');

/** Sections that are no file of the spec. */
const COMMAND = ['argv', 'env', 'run', 'setup', 'exit', 'stdout', 'stderr'];

for (const name of readdirSync(CASES)) {
  const file = join(CASES, name);
  const { comment, sections } = parseCase(readFileSync(file, 'utf8'));

  it(`${name.replace(/\.txt$/, '')}: ${comment}`, async () => {
    const cwd = workplace();
    writeFiles(
      cwd,
      [...sections].filter(([section]) => !COMMAND.includes(section)),
    );
    const env = Object.fromEntries(lines(sections.get('env')).map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const replacements = new Map<string, string>([[cwd, '<cwd>']]);
    const fill = (text: string) =>
      [...replacements].reduce((filled, [real, shown]) => filled.replaceAll(shown, real), text);
    for (const setup of lines(sections.get('setup'))) {
      const [verb = '', ...given] = fill(setup).split(' ');
      const prepare = SETUPS[verb];
      if (prepare === undefined) throw new Error(`${name}: no setup ${verb}`);
      for (const [text, shown] of await prepare(cwd, given)) replacements.set(text, shown);
    }
    const store = join(cwd, 'charter.db');
    const before = existsSync(store) ? readFileSync(store) : undefined;

    const argv = lines(sections.get('argv')).join(' ').split(' ').filter(Boolean).map(fill);
    const run = lines(sections.get('run'))[0] === 'here' ? charterHere : charter;
    const answer = await run(argv, cwd, env);
    const told = (text: string) =>
      [...replacements]
        .reduce((shown, [real, name]) => shown.replaceAll(real, name), text)
        // When a plan was made, by what, and what changes with that.
        .replace(/^( +"timestamp": )"[^"]+"/gm, '$1"<time>"')
        .replace(/^( +"engine_version": )"[^"]+"/gm, '$1"<version>"')
        .replace(/^( +"checksum": )"[^"]+"/gm, '$1"<checksum>"');
    const golden = new Map([...sections].filter(([section]) => !['exit', 'stdout', 'stderr'].includes(section)));
    golden.set('exit', `${answer.code}\n`);
    for (const stream of ['stdout', 'stderr'] as const) {
      if (answer[stream] !== '') golden.set(stream, told(answer[stream]));
    }
    const printed = printCase({ comment, sections: golden });
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, printed);
    else expect(printed).toBe(readFileSync(file, 'utf8'));

    expectHarmless(answer);
    // Nothing is applied by a command that fails: no store is made, and one that was there is untouched.
    if (answer.code !== 0 && answer.code !== 2) {
      const after = existsSync(store) ? readFileSync(store) : undefined;
      if (before === undefined) expect(after?.length ?? 0, 'a store was made').toBe(0);
      else expect(after?.equals(before), 'the store was written to').toBe(true);
    }
  });
}

/** Rules for every output: no stack trace, a reason for every failure, no line without an end. */
function expectHarmless({ code, stdout, stderr }: Answer): void {
  expect(stdout + stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(stdout + stderr).not.toContain('internal error');
  if (code !== 0 && code !== 2) expect(stderr).not.toBe('');
  for (const text of [stdout, stderr]) if (text !== '') expect(text.endsWith('\n')).toBe(true);
}
