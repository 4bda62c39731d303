// What `charter fmt` does to a file, rule by rule. The laws that hold for every file are in format-laws.test.ts.

import { describe, expect, it } from 'vitest';
import { format } from '../../src/spec/format.ts';
import { siteSchema } from '../../src/spec/schemas.gen.ts';

const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$4ChDV6vbHYB1dJ9jZ1uYk8bM1NoMQaWPUAUsK1mE8gk';

function formatted(text: string): string {
  const result = format({ path: 'a.yaml', text });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.text;
}

/** Lines without the margin that they have in this file. */
function lines(...list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}

describe('the order of keys', () => {
  it('is the schema’s in documents and entities, in brackets too, with unknown keys and then x- at the end', () => {
    expect(
      formatted(
        'applications:\n  App: { x-team: a, metadata: { scope: A, grant_types: [] }, nonsense: 1, client_id: app }\nx-b: 1\nx-a: 2\nsite: S\n',
      ),
    ).toBe(
      'site: S\napplications:\n  App: { client_id: app, metadata: { grant_types: [], scope: A }, nonsense: 1, x-team: a }\nx-b: 1\nx-a: 2\n',
    );
    const keys = Object.keys(siteSchema.$defs.application.properties);
    const reversed = `site: S\napplications:\n  App:\n${[...keys]
      .reverse()
      .map((key) => `    ${key}:\n`)
      .join('')}`;
    expect([...formatted(reversed).matchAll(/^ {4}(\w+):/gm)].map(([, key]) => key)).toEqual(keys);
  });

  it('is the author’s for names, for items of lists and inside x-', () => {
    const named = lines('site: S', 'users:', '  A:', '    attributes: { given_name: Ada, address: London, zip: 1 }');
    expect(formatted(named)).toBe(named);
    const text = lines('site: S', 'users:', '  B: {}', '  A:', '    x-own: { site: 1, b: 2, a: [z, y] }');
    expect(formatted(text)).toBe(text);
  });

  it('is the author’s in a document where an alias would come before its anchor', () => {
    const text = lines('applications:', '  A: { allowed_to: &g [G] }', 'groups:', '  G: { methods: *g }', 'site: S');
    expect(formatted(text)).toBe(lines('site: S', ...text.split('\n').slice(0, 4)));
    const bound = lines('users:', '  U: { methods: &m [a] }', 'methods: *m', 'site: S');
    expect(formatted(bound)).toBe(bound);
    // Of two anchors with one name, the alias means the one before it.
    const twice = lines(
      'users:',
      '  U: { methods: &m [a] }',
      'groups:',
      '  G: { methods: *m }',
      'methods: &m [b]',
      'site: S',
    );
    expect(formatted(twice)).toBe(twice);
  });
});

describe('comments', () => {
  it('move with what they describe: above it, beside it, at its end and inside what is empty', () => {
    expect(
      formatted(
        lines(
          'applications: # all of them',
          '  # about A',
          '  A:',
          '    # why',
          '    metadata: {}   # beside',
          '    # under metadata, at the end of A',
          '  B:',
          '    # nothing yet',
          '  # the end of applications',
          '# about the site',
          'site: S',
          '# the end',
        ),
      ),
    ).toBe(
      lines(
        '# about the site',
        'site: S',
        'applications: # all of them',
        '  # about A',
        '  A:',
        '    # why',
        '    metadata: {} # beside',
        '    # under metadata, at the end of A',
        '  B:',
        '    # nothing yet',
        '  # the end of applications',
        '# the end',
      ),
    );
  });

  it('a modeline is the first line of its own document, and what stands apart at the top stays there', () => {
    const modeline = '# yaml-language-server: $schema=../schema/site.schema.json';
    expect(
      formatted(
        lines(
          '---',
          '# The payments team',
          modeline,
          '',
          '# about users',
          'users:',
          'site: A',
          '---',
          modeline,
          'site: B',
        ),
      ),
    ).toBe(
      lines(modeline, '# The payments team', '', 'site: A', '# about users', 'users:', '---', modeline, 'site: B'),
    );
  });

  it('in brackets open them, as a line ends with its comment', () => {
    expect(formatted(lines('site: S', 'methods: [a, # first', '  b] # both'))).toBe(
      lines('site: S', 'methods: # both', '  - a # first', '  - b'),
    );
  });

  it('of empty documents and after the last one are kept', () => {
    expect(formatted(lines('---', '# one', '---', 'site: A', '...', '# two', '---', '# three'))).toBe(
      lines('# one', 'site: A', '# two', '# three'),
    );
    expect(formatted('\n\n# only this\n\n\n# and this')).toBe('# only this\n\n# and this\n');
    expect(formatted('')).toBe('');
    // The parser of yaml 2.9 has no token for the second one.
    expect(formatted(lines('site:', '# one', '# two', '---', 'site: B'))).toBe(
      lines('site:', '# one', '# two', '---', 'site: B'),
    );
  });
});

describe('the style', () => {
  it('has two spaces, one empty line at most, LF, and a line break at the end', () => {
    expect(formatted('site:   S  \r\n\r\n\r\ngroups:\r\n\r\n     G:\r\n          members:\r\n          - "U"')).toBe(
      lines('site: S', '', 'groups:', '  G:', '    members:', '      - U'),
    );
  });

  it('opens the brackets of documents and sections, and of what does not fit into 120 columns', () => {
    const long = `[${Array.from({ length: 12 }, (_, at) => `Server-number-${at}`).join(', ')}]`;
    expect(formatted(`{ site: S, groups: { G: { members: [U], access_to: ${long} } }, users: {} }`)).toBe(
      lines(
        'site: S',
        'groups:',
        '  G:',
        '    members: [U]',
        '    access_to:',
        ...Array.from({ length: 12 }, (_, at) => `      - Server-number-${at}`),
        'users: {}',
      ),
    );
    const fits = `site: S\nmethods: [${'a'.repeat(109)}]\n`;
    expect(formatted(fits)).toBe(fits);
    expect(formatted(`site: S\nmethods: [${'a'.repeat(110)}]\n`)).toBe(`site: S\nmethods:\n  - ${'a'.repeat(110)}\n`);
  });

  it('has double quotes, and only where a YAML of any version needs them', () => {
    const values = [
      ["'text'", 'text'],
      ['"two words"', 'two words'],
      ["'https://id.example.com/uas'", 'https://id.example.com/uas'],
      ["'it''s'", '"it\'s"'],
      ['\'a "b"\'', '\'a "b"\''],
      ...[
        '"no"',
        '"Yes"',
        '"1.0"',
        '"2027-01-31"',
        '"null"',
        '"12:30"',
        '"a: b"',
        '"a #b"',
        '"cn=a,dc=b"',
        '""',
        '" a"',
      ].map((same) => [same, same]),
      ...['true', '1.0', '0x1F', '~', '2027-01-31', '-1', 'a,b'].map((same) => [same, same]),
    ];
    for (const [written, expected] of values) {
      expect(formatted(`site: S\nx-a: ${written}\n`)).toBe(`site: S\nx-a: ${expected}\n`);
    }
    expect(formatted('site: S\nusers: { "U": , "1.0": {}, \'no\': }\n')).toBe(
      lines('site: S', 'users:', '  U:', '  "1.0": {}', '  "no":'),
    );
  });

  it('never folds a long text, a hash for one, and keeps the style of texts of several lines', () => {
    const hash = `      hash: "${HASH}${HASH}"`;
    const text = lines(
      'site: S',
      'applications:',
      '  A:',
      '    secret:',
      hash,
      'x-a: |+',
      '  kept ',
      '',
      'x-b: >-',
      '  a',
      '    b',
    );
    expect(formatted(text)).toBe(text);
    expect(formatted('site: S\nx-a: |4\n      a\n    b\nx-b: "a\n     b"\n')).toBe(
      lines('site: S', 'x-a: |2', '    a', '  b', 'x-b: "a', '  b"'),
    );
  });
});

describe('a file that cannot be formatted', () => {
  it.each([
    ['yaml.syntax', 'site: [S\n'],
    ['yaml.duplicate-key', 'site: S\nsite: T\n'],
    ['yaml.tag', 'site: !!str S\n'],
    ['yaml.merge-key', 'site: S\nx-a: &a {}\nusers: { <<: *a }\n'],
    ['yaml.unquoted-hash', `site: S\napplications: { A: { secret: { hash: ${HASH} } } }\n`],
    ['document.not-a-map', '- site\n'],
  ])('%s is told, and there is no text', (code, text) => {
    const result = format({ path: 'a.yaml', text });
    expect(result.ok === false && result.reason === 'invalid' && result.diagnostics.map((one) => one.code)).toEqual([
      code,
    ]);
  });
});
