import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { escapeLines, harmless } from '../../src/cli/harmless.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { charter, charterHere, readQuickstart, workplace, writeFiles } from './case.ts';

/** Clears the screen, and begins a line of its own making in the title of the window. */
const EVIL = 'a\u001b[2Jb\u009b31m\u202Ec';
const SHOWN = 'a\\u{1B}[2Jb\\u{9B}31m\\u{202E}c';

describe('a name that steers a terminal is written out in', () => {
  it.each([
    ['the summary of validate', ['validate', EVIL], `${SHOWN}: 1 entity in 1 file`],
    ['the path of an output', ['validate', 'config', '--json', `${EVIL}/x/o.json`], `--json ${SHOWN}/x/o.json cannot`],
    ['the path of a store', ['plan', 'config', '--store', `${EVIL}/none.db/x`], SHOWN],
    ['an unknown command', [EVIL], `unknown command '${SHOWN}'`],
    ['an unknown option', ['plan', `--${EVIL}`], `unknown option '--${SHOWN}'`],
    ['an argument that is refused', ['plan', 'config', '--against', EVIL], SHOWN],
    ['a directory without a file', ['fmt', `${EVIL}/nothing`], SHOWN],
    ['a directory without a file of a spec', ['validate', `${EVIL}/nothing`], `${SHOWN}/nothing: 0 files, 1 error`],
    ['the store of a server that is asked for', ['status', '--store', `${EVIL}/charter.db`], SHOWN],
    ['a topic of help', ['help', EVIL], SHOWN],
    ['what is exported to', ['export', '--out', `${EVIL}/out`], SHOWN],
    ['what a project is begun in', ['init', `${EVIL}/new`, '--yes'], SHOWN],
  ])('%s', async (_name, argv, told) => {
    const cwd = workplace();
    writeFiles(cwd, [
      [`${EVIL}/a.yaml`, 'server: { issuer: "http://localhost:8080" }\n'],
      ['config/a.yaml', 'server: { issuer: "http://localhost:8080" }\n'],
    ]);
    mkdirSync(join(cwd, EVIL, 'nothing'));
    if (argv[0] === 'plan') writeFileSync(join(cwd, EVIL, 'none.db'), 'no store');
    if (['export', 'status'].includes(argv[0] ?? '')) {
      await charterHere(['apply', 'config', ...(argv[0] === 'status' ? argv.slice(1) : [])], cwd);
    }
    const { stdout, stderr } = await charter(argv, cwd);
    expect(stdout + stderr).toContain(told);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
});

describe('what goes to stderr', () => {
  it('keeps the colours of Charter on a terminal that takes some, and none elsewhere', () => {
    const text = '\u001b[1;31merror\u001b[0m: \u001b[8mhidden\u001b[5mblinks\u001b[H\tx\n';
    expect(harmless(text, { color: true })).toBe(
      '\u001b[1;31merror\u001b[0m: \\u{1B}[8mhidden\\u{1B}[5mblinks\\u{1B}[H\\u{9}x\n',
    );
    expect(harmless(text, { color: false })).not.toContain('\u001b');
    expect(escapeLines('a\nb\r')).toBe('a\nb\\u{D}');
  });

  it('passes through it in every message; stdout, which programs read, is written as it is', () => {
    const said = { out: '', err: '' };
    const into = (name: 'out' | 'err') =>
      new Writable({
        write(chunk, _encoding, done) {
          said[name] += String(chunk);
          done();
        },
      });
    const terminal = createTerminal(into('out'), into('err'), { FORCE_COLOR: '1' }, () => undefined);
    terminal.out(EVIL);
    terminal.err(`\u001b[1;31merror\u001b[0m: ${EVIL}\n`);
    expect(said).toEqual({ out: EVIL, err: `\u001b[1;31merror\u001b[0m: ${SHOWN}\n` });
  });

  it('is coloured as before: frames and plans need no other codes', async () => {
    const cwd = workplace();
    writeFiles(cwd, [['config/a.yaml', readQuickstart().replace('Group1', 'Grup1')]]);
    const answer = await charter(['validate', 'config'], cwd, { FORCE_COLOR: '1' });
    expect(answer.stderr).toContain('\u001b[1;31m');
    expect(answer.stderr).not.toContain('\\u{1B}');
  });
});
