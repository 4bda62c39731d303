import { describe, expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';

/** What is said about a wrong place, of the first problem of one file. */
function told(text: string): readonly [code: string | undefined, detail: string | undefined, help: string | undefined] {
  const { diagnostics } = compile([{ path: 'a.yaml', text }], { now: 0 });
  const wrong = diagnostics.find(({ code }) => code === 'key.unknown' || code === 'value.type');
  return [wrong?.code, wrong?.detail, wrong?.help];
}

const MOVED = '[{ from: Old, to: New }]';
const AT_THE_TOP = 'moved stands at the top of this document, as a list: moved: [{ from: Client1, to: Client2 }].';

describe('moved in a wrong place is told where it stands', () => {
  it.each([
    ['an application', `site: A\napplications: { New: { moved: ${MOVED} } }`],
    ['its metadata', `site: A\napplications: { New: { metadata: { moved: ${MOVED} } } }`],
    ['a group', `site: A\ngroups: { New: { moved: ${MOVED} } }`],
    ['the defaults', `site: A\ndefaults: { moved: ${MOVED} }`],
    ['the server', `server: { issuer: "https://a.example", moved: ${MOVED} }`],
  ])('in %s', (_, text) => {
    const [code, , help] = told(text);
    expect([code, help]).toEqual(['key.unknown', AT_THE_TOP]);
  });

  it.each([
    ['applications', `site: A\napplications: { moved: ${MOVED} }`],
    ['users', `site: A\nusers:\n  moved:\n    - { from: Old, to: New }`],
    ['methods', `methods: { moved: ${MOVED} }`],
  ])('among the names of %s', (_, text) => {
    expect(told(text)).toEqual(['value.type', 'a map of keys is expected, and this is a list', AT_THE_TOP]);
  });

  it('in a document of tests, which has none', () => {
    expect(told(`tests: []\nmoved: ${MOVED}`)).toEqual([
      'key.unknown',
      '"moved" stands in a site or server document, and this one has tests:',
      'Move it to a document without tests:; in one file, --- begins a new document.',
    ]);
  });

  it('and an entity may be called so', () => {
    expect(told('site: A\ngroups: { moved: { members: [U] } }\nusers: { U: {} }')).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('lists of other documents are told where they stand', () => {
  it('approvals in the server', () => {
    const [, , help] = told('server: { issuer: "https://a.example", approvals: [] }');
    expect(help).toMatch(/^approvals stands at the top of this document, as a list: approvals: \[/);
  });

  it('approvals in an entity, and tests in the server', () => {
    expect(told('site: A\nusers: { U: { approvals: [] } }')[2]).toMatch(
      /^approvals stands at the top of a server document/,
    );
    expect(told('server: { issuer: "https://a.example", tests: [] }')[2]).toMatch(
      /^tests stands at the top of a site document/,
    );
  });

  it('another list in the place of an entity is told as what it is', () => {
    expect(told('site: A\ngroups: { Readers: [U] }')[2]).toMatch(/^Who has something in common/);
  });
});
