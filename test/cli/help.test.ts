import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { DIAGNOSTICS } from '../../src/spec/catalogue.ts';

/** `charter` with these words, in this process. */
async function run(...argv: string[]) {
  const said = { out: '', err: '', code: -1 };
  const terminal = {
    out: (text: string) => (said.out += text),
    err: (text: string) => (said.err += text),
    ifLost: () => undefined,
    outColor: false,
    errColor: false,
    env: {},
  };
  await buildProgram(terminal, (code) => {
    said.code = code;
  }).parseAsync(['node', 'charter', ...argv]);
  return said;
}

describe('charter help', () => {
  it.each(Object.keys(DIAGNOSTICS))('explains %s in lines of a terminal', async (code) => {
    const { out, code: exit } = await run('help', code);
    expect(exit).toBe(0);
    expect(out.split('\n')[0]).toMatch(new RegExp(`^(error|warning)\\[${code.replaceAll('.', '\\.')}\\] `));
    const [, ...lines] = out.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('says whether --fix mends it and whether it can be waived', async () => {
    expect((await run('help', 'key.unknown')).out).toMatch(/^It cannot be waived\.\ncharter validate --fix mends it/m);
    expect((await run('help', 'group.empty')).out).toMatch(/^It can be waived.*\ncharter validate --fix does not/m);
  });

  it('lists every code', async () => {
    const { out } = await run('help', '--codes');
    expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual([...Object.keys(DIAGNOSTICS), '']);
  });

  it('without a topic is the help of the program, with a command that of the command', async () => {
    expect((await run('help')).out).toContain('Usage: charter [options] [command]');
    const plan = await run('help', 'plan');
    expect(plan.out).toContain('Usage: charter plan');
    expect(plan.out).toContain('Exit codes:');
  });

  it('an unknown topic is wrong usage, and what is written is shown without its controls', async () => {
    const { err, out, code } = await run('help', 'key\u001b[31m.unknwn');
    expect([code, out]).toEqual([64, '']);
    expect(err).not.toContain('\u001b');
    expect((await run('help', 'valdate')).err).toContain('Did you mean "validate"?');
    expect((await run('help', '__proto__')).code).toBe(64);
  });
});
