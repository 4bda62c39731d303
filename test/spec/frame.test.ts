import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const SERVER = {
  path: 'server.yaml',
  text: 'server: { issuer: https://id.example.com }\nmethods: { m1: { type: client_credentials } }\n',
};

function frames(files: readonly SourceFile[], color = false): string {
  const all = [SERVER, ...files];
  return renderDiagnostics(compile(all).diagnostics, all, { color });
}

/** A diagnostic about a stretch of the first line of a file. */
function at(text: string, from: number, to: number, more: Partial<Diagnostic> = {}): string {
  const position = (offset: number) => ({ line: 1, column: [...text.slice(0, offset)].length + 1, offset });
  const range = { file: 'a.yaml', start: position(from), end: position(to) };
  const diagnostic: Diagnostic = { severity: 'error', code: 'c', summary: 'Summary', detail: 'detail', range, ...more };
  return renderDiagnostics([diagnostic], [{ path: 'a.yaml', text }], { color: false });
}

describe('the frame of DESIGN 7', () => {
  it('shows place, line, carets, detail and the nearest name', () => {
    const files = [
      {
        path: 'sites/example/client1.yaml',
        text: 'site: Example\napplications:\n  Client1:\n    enabled: true\n    # who may use it\n\n    allowed_to: [ClientGruop]\n',
      },
      { path: 'groups.yaml', text: 'site: Example\ngroups:\n  ClientGroup: { members: [U] }\nusers: { U: }\n' },
    ];
    expect(frames(files)).toBe(
      `error[reference.unknown] Unknown group
  ╭─ sites/example/client1.yaml:7:18
7 │     allowed_to: [ClientGruop]
  │                  ^^^^^^^^^^^ no group "ClientGruop" in site Example
  ╰─ Did you mean "ClientGroup" (groups.yaml:3:3)?
`,
    );
  });

  it('shows related places, several lines of help, and several frames with a line between them', () => {
    const files = [
      { path: 'a.yaml', text: 'site: A\nusers: { U: , V: }\n' },
      {
        path: 'b.yaml',
        text: 'site: A\nusers:\n  U: { sub: A/V }\n---\nsite: B\napplications: { App: { impersonates: A/V } }\n',
      },
    ];
    expect(frames(files)).toBe(
      `error[name.duplicate] Name declared twice
  ╭─ b.yaml:3:3
3 │   U: { sub: A/V }
  │   ^ U is declared already in site A
  ├─ a.yaml:2:10 it was declared here first
  ╰─ Keep one of the two, or rename one.

error[link.not-given] Link is not given by the other site
  ╭─ b.yaml:6:38
6 │ applications: { App: { impersonates: A/V } }
  │                                      ^^^ user V of site A does not give this to B/App
  ├─ a.yaml:2:15 V is declared here
  ╰─ The team of site A writes, at V (a.yaml:2:15):
       impersonated_by: [B/App]
`,
    );
  });

  it('a diagnostic without a place, or of a file that is not at hand, shows its detail alone', () => {
    expect(renderDiagnostics(compile([]).diagnostics, [], { color: false })).toBe(
      `error[server.missing] No server is declared
  │ no document of the spec has a server: key
  ╰─ Write it once, in a document without site:, for example:
       server: { issuer: https://id.example.com }
`,
    );
    const start = { line: 12, column: 3, offset: 99 };
    const gone: Diagnostic = {
      severity: 'warning',
      code: 'c',
      summary: 'Summary',
      detail: 'detail',
      range: { file: 'gone.yaml', start, end: start },
    };
    expect(renderDiagnostics([gone], [], { color: false })).toBe(
      'warning[c] Summary\n   ╭─ gone.yaml:12:3\n   │ detail\n',
    );
  });

  it('is empty without diagnostics', () => {
    expect(renderDiagnostics([], [SERVER], { color: false })).toBe('');
  });

  it('colours only when asked to', () => {
    const files = [{ path: 'a.yaml', text: 'site: A\nno: x\n' }];
    const start = '\u001B[';
    expect(frames(files)).not.toContain(start);
    const colored = frames(files, true);
    expect(colored).toContain(`${start}1;31merror[key.unknown]${start}0m`);
    const [first = '', ...parts] = colored.split(start);
    expect(first + parts.map((part) => part.replace(/^[0-9;]*m/, '')).join('')).toBe(frames(files));
  });
});

describe('source lines', () => {
  it('tabs keep the carets under what they mark', () => {
    expect(at('a:\tbad\tend', 3, 6)).toBe(
      `error[c] Summary
  ╭─ a.yaml:1:4
1 │ a:  bad end
  │     ^^^ detail
`,
    );
  });

  it('wide and combining characters keep the carets under what they mark', () => {
    const text = '名前: e\u0301x';
    expect(at(text, 4, 7).split('\n').slice(2, 4)).toEqual([`1 │ ${text}`, '  │       ^^ detail']);
  });

  it('control and bidirectional characters are shown, not sent to the terminal', () => {
    const shown = at('a: \u001B[31m\u202Ered\u0007', 3, 4, { detail: 'has \u001B and \u2066', help: 'drop \u009B' });
    expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(shown).toContain('1 │ a: \\u{1B}[31m\\u{202E}red\\u{7}');
    expect(shown).toContain('^^^^^^ has \\u{1B} and \\u{2066}');
    expect(shown).toContain('╰─ drop \\u{9B}');
  });

  it('a long line is cut around the carets', () => {
    const text = `${'a'.repeat(500)}BAD${'b'.repeat(500)}`;
    const [, , line = '', carets = ''] = at(text, 500, 503).split('\n');
    expect(line).toBe(`1 │ …${'a'.repeat(60)}BAD${'b'.repeat(40)}…`);
    expect(carets).toBe(`  │ ${' '.repeat(61)}^^^ detail`);
  });

  it('a long stretch is cut too', () => {
    const [, , line = '', carets = ''] = at('b'.repeat(500), 0, 500).split('\n');
    expect(line).toBe(`1 │ ${'b'.repeat(60)}…`);
    expect(carets).toBe(`  │ ${'^'.repeat(61)} detail`);
  });

  it('a stretch over several lines is marked on its first', () => {
    const text = 'a: [b,\n  c]\n';
    const start = { line: 1, column: 4, offset: 3 };
    const range = { file: 'a.yaml', start, end: { line: 2, column: 5, offset: 11 } };
    const diagnostic: Diagnostic = { severity: 'error', code: 'c', summary: 'Summary', detail: 'detail', range };
    expect(renderDiagnostics([diagnostic], [{ path: 'a.yaml', text }], { color: false })).toContain(
      '1 │ a: [b,\n  │    ^^^ detail\n',
    );
  });
});

describe('no frame shows a secret', () => {
  const secret = 'hunter2-and-more';
  const shapes: Readonly<Record<string, string>> = {
    'a literal': `  App: { secret: ${secret} }`,
    'a quoted literal': `  App: { secret: "${secret}" }`,
    'a literal beside another error': `  App: { polcy: x, secret: ${secret}, allowed_to: [Nobody], metdata: {} }`,
    'a literal in lines of its own': `  App:\n    secret: |\n      ${secret}\n    polcy: x`,
    'a literal in a list': `  App: { secret: [${secret}] }`,
    'a wrong key of a secret': `  App: { secret: { value: ${secret} } }`,
    'a key beside the place': `  App: { secret: { env: APP, plain: ${secret} } }`,
    'a value in place of a variable': `  App: { secret: { env: ${secret} }, polcy: x }`,
    'a value in place of a hash': `  App: { polcy: x, secret: { hash: "${secret}" } }`,
    'a value that is no text in place of a file': `  App: { secret: { file: [${secret}] } }`,
    'an unknown key that is called a secret': `  App: { client_secret: ${secret} }`,
    'an unknown key of the metadata': `  App: { metadata: { client_secret: "${secret}" } }`,
    'a syntax error behind it': `  App: { secret: ${secret}, allowed_to: [ }`,
    'a syntax error in it': `  App: { secret: "${secret} }`,
    'a syntax error at it': `  App: { secret: ] ${secret} }`,
    'a password of a user': `  App: {}\nusers:\n  U: { password: ${secret} }`,
    'a tag before it': `  App: { secret: !vault ${secret} }`,
    'a syntax error that quotes it': `  App: { secret: x }\n  secret: |${secret}\n`,
    'a value that YAML takes for an alias': `  App: { secret: *${secret} }`,
    'a value that YAML takes for an anchor': `  App: { secret: &${secret} }`,
    'a value that YAML takes for a tag': `  App: { secret: !${secret} }`,
    'a value that YAML takes for a map': `  App: { secret: {${secret}} }`,
    'a duplicate key': `  App: { secret: { env: APP }, secret: ${secret} }`,
  };
  it.each(Object.entries(shapes))('%s', (_name, text) => {
    const files = [SERVER, { path: 'a.yaml', text: `site: A\napplications:\n${text}\n` }];
    const { ok, diagnostics } = compile(files);
    expect(ok).toBe(false);
    expect(renderDiagnostics(diagnostics, files, { color: false })).not.toContain('hunter2');
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });

  it('and every literal is hidden by as many asterisks, with the carets under them', () => {
    const files = [{ path: 'a.yaml', text: `site: A\napplications:\n  App: { secret: ${secret}, polcy: x }\n` }];
    const [, , line, carets] = frames(files).split('\n');
    expect(line).toBe('3 │   App: { secret: ********, polcy: x }');
    expect(carets).toBe('  │                  ^^^^^^^^ a secret never stands in the spec');
    expect(frames(files)).toContain('  │                            ^^^^^ "polcy" is not a key of applications.App');
  });
});
