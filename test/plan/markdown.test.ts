import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { planToMarkdown } from '../../src/plan/markdown.ts';
import { GRAVEST_FIRST, PARTS } from '../../src/plan/markdown-parts.ts';
import { EX2, without } from '../model/example-state.ts';
import { readComment } from './gfm.ts';
import { placesOf, planOf } from './make.ts';
import { largePlan, type Shown, type Size, tellingPlan } from './markdown-plan.ts';

const MOST_OF_GITHUB = 65_536;
const OPTIONS = { key: ['config'], apply: 'charter apply config' };
const render = ({ plan, places, options }: Shown, most?: number) => planToMarkdown(plan, places, options, most);

describe('what an author writes stays code', () => {
  const plain = readComment(render(tellingPlan('Canary')));

  it('in a plan that tells something in every part', () => {
    for (const part of ['Access', 'Risks', 'Tests', 'Tokens', 'Changes']) expect(plain.prose).toContain(`#### ${part}`);
    expect(plain.prose).toContain('**Drift:**');
    expect(plain.prose).toContain('Ends within 7 days');
    expect(plain.prose).not.toContain('Canary');
    expect(plain.code.join('\n').split('Canary').length).toBeGreaterThan(40);
  });

  it.each([
    [
      'mentions and numbers',
      '@octocat and @org/team see #123, GH-7, owner/repo#8 and 0123456789abcdef0123456789abcdef01234567',
    ],
    [
      'links and pictures',
      '[x](https://evil.example/) ![y](https://evil.example/p.png) <https://evil.example> www.evil.example',
    ],
    ['HTML', '</code></summary></details><img src=x onerror="alert(1)"><!-- --> <script>alert(1)</script> &lt;&#64;x'],
    ['a fence', '```'],
    ['a long fence and what follows it', '``````````\n\n@octocat <b>\n\n``````````text'],
    ['another fence', '~~~\n@octocat\n~~~'],
    ['backticks at both ends', '` @octocat `'],
    ['backticks of every length', '` `` ``` ```` ````` @octocat'],
    ['a table', '| a | b |\n|---|---|\n| @octocat | #1 |'],
    ['headings, lists and rules', '\n# @octocat\n\n- #1\n\n---\n\n    indented\n'],
    ['an end of the hidden comment', '--> @octocat <!--'],
    ['an end of the hidden comment in pieces', '- -- --! > --!> @octocat -'],
    ['escapes', '\\` \\@octocat \\'],
    ['mathematics', '$$x$$ $`y`$ $@octocat$'],
    ['controls', '\u001b[31m\u0000\u0007\b\t\r\r\n@octocat\u2028\u2029'],
    ['text in another order', '\u202E@octocat\u202C\u2066\u200B\uFEFF'],
    ['half a character', '\uD800@octocat'],
  ])('%s', (_name, text) => {
    const comment = render(tellingPlan(text));
    const { prose, code } = readComment(comment);
    expect(prose).toBe(plain.prose);
    expect(code).toHaveLength(plain.code.length);
    expect(comment.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}/u);
  });

  it('whatever it is', () => {
    const marks = fc.constantFrom(
      '`',
      '``',
      '```',
      '~~~',
      '\n',
      '\r',
      '<',
      '>',
      '&',
      '@a',
      '#1',
      '|',
      '[',
      '](',
      '-->',
      '--',
      '*',
      '_',
      '\\',
      '$',
      ' ',
      '    ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(marks, { minLength: 1, maxLength: 12 }), (parts) => {
        expect(readComment(render(tellingPlan(parts.join('')))).prose).toBe(plain.prose);
      }),
      { numRuns: 60 },
    );
  });
});

describe('65,536 characters', () => {
  const amounts = (most: number) =>
    fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: most }));
  const sizes: fc.Arbitrary<Size> = fc.record({
    sites: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 600 })),
    changes: amounts(1_000),
    access: amounts(1_000),
    released: amounts(400),
    permissions: amounts(400),
    risks: amounts(300),
    tests: amounts(300),
    tokens: amounts(300),
    drift: amounts(300),
    name: fc.oneof(
      fc.constantFrom('', 'Name', '`', '@a<b>|'),
      fc.integer({ min: 1, max: 150 }).map((length) => 'long`'.repeat(length)),
    ),
  });

  it('are never reached, whatever the size of a plan, and what stops it and changes access is always told', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const shown = largePlan(size);
        const text = render(shown);
        expect(text.length).toBeLessThan(MOST_OF_GITHUB - 1_000);
        const { prose } = readComment(text);
        expect(prose.includes('#### Access')).toBe(size.access > 0);
        expect(prose.includes('#### Risks')).toBe(size.risks > 0);
        expect(prose.includes('**Stopped:**')).toBe(size.risks + size.tests > 0);
        expect(prose).toMatch(
          size.changes > 0
            ? /: access /
            : size.drift > 0
              ? /but the store drifted/
              : /: no changes, access equivalent\n/,
        );
        expect(render(shown)).toBe(text);
        // What had to be cut takes at least half of the room, and what fits is not cut.
        const whole = render(shown, Number.POSITIVE_INFINITY);
        if (whole.length <= 64_000) expect(text).toBe(whole);
        else expect(text.length).toBeGreaterThan(32_000);
      }),
      { numRuns: 25 },
    );
  });

  const all: Size = {
    sites: 30,
    changes: 0,
    access: 40,
    released: 0,
    permissions: 0,
    risks: 3,
    tests: 4,
    tokens: 5,
    drift: 3,
    name: 'Name',
  };

  it('take field by field as long as there is room, then entity by entity, then numbers', () => {
    const at = (changes: number, sites = 30) => render(largePlan({ ...all, changes, sites }));
    const fields = (text: string) => text.split('metadata.client_name0').length - 1;
    expect(fields(at(60))).toBe(20);
    expect(at(60)).not.toContain('Shortened to fit');
    // Of the first sites field by field, of all others entity by entity.
    const entities = at(700);
    expect(fields(entities)).toBeLessThan(234);
    expect(entities.match(/^[+~-] application/gm)).toHaveLength(700);
    expect(entities).toContain("Shortened to fit: the plan's JSON (`--json`) has all of it.");
    const counts = at(6_000, 3_000);
    expect(counts).not.toMatch(/^~ application/m);
    expect(counts).toMatch(/^Site site0Name +application /m);
    expect(counts).toMatch(/^… and \d+ more sites {3}application /m);
    const both = at(2_000, 400);
    expect(both).toMatch(/^~ application/m);
    expect(both).toMatch(/^Site site9\dName +application /m);
    for (const text of [at(60), entities, counts, both]) {
      expect(text).toContain('--approve deletes:site0Name@0123456789abcdef');
      expect(text).toMatch(/^\+ site1Name\/app1Name +→ site1Name\/app1Name /m);
    }
  });

  it('make access a matter of numbers last, and say where all of it is', () => {
    const many = render(largePlan({ ...all, changes: 20, access: 3_000, sites: 700 }));
    expect(many).toMatch(/^\+ .* clients? +→ |^\+ .* → \d+ applications?/m);
    expect(many).toContain("the plan's JSON (`--json`) has all 3000 by name");
    expect(render(largePlan(all))).not.toContain("the plan's JSON");
  });

  it('go to access and risks first, and to warnings last', () => {
    expect([...GRAVEST_FIRST].sort()).toEqual([...PARTS].sort());
    expect(GRAVEST_FIRST.slice(0, 2)).toEqual(['access', 'risks']);
    expect(GRAVEST_FIRST.at(-1)).toBe('warnings');
  });

  it('hold the names of access that is told in numbers, folded, as far as there is room', () => {
    const names = (access: number, most?: number) => render(largePlan({ ...all, changes: 20, access }), most);
    expect(names(40)).not.toContain('by name</summary>');
    expect(names(300)).toContain('<summary>All 300 access changes by name</summary>');
    expect(names(3_000)).toContain('<summary>The first 300 of 3000 access changes by name</summary>');
    expect(names(3_000, 20_000)).toMatch(/<summary>The first \d\d of 3000 access changes by name<\/summary>/);
  });

  it('are used, however little room there is: what is cut takes at least half of it', () => {
    const few = fc.record({
      plan: sizes.map((size) => largePlan({ ...size, name: size.name.slice(0, 20) })),
      most: fc.integer({ min: 24_000, max: 90_000 }),
    });
    fc.assert(
      fc.property(few, ({ plan, most }) => {
        const text = render(plan, most);
        expect(text.length).toBeLessThanOrEqual(most);
        const whole = render(plan, Number.POSITIVE_INFINITY);
        if (whole.length > most) expect(text.length).toBeGreaterThan(most / 2);
        else expect(text).toBe(whole);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the first screen', () => {
  const text = render(tellingPlan('Canary'));

  it('begins with the mark by which CI finds its comment, the counts and what stops the plan', () => {
    expect(text.split('\n').slice(0, 6)).toEqual([
      '<!-- charter-plan:Canary+overlay%3ACanary -->',
      '### ❌ Charter plan: access +2 −0 · released +0 −0, 1 otherwise · 1 to add, 2 to change, 1 to delete',
      '',
      '> [!CAUTION]',
      '> **Stopped:** 2 risks are not approved, 1 test of access fails. Nothing is applied until that is settled.',
      '',
    ]);
  });

  it('holds the approval as a line of YAML that can be copied, and none for what no approval lifts', () => {
    expect(text).toContain('```yaml\napprovals:\n  - restricted:Canary@0123456789abcdef\n```');
    const [, yaml = ''] = /```yaml\n(.*?)\n```/s.exec(render(tellingPlan('a: #b'))) ?? [];
    expect(yaml).toBe('approvals:\n  - "restricted:a: #b@0123456789abcdef"');
  });

  it('says that nothing changes, and how much there is', () => {
    expect(planToMarkdown(planOf(EX2, EX2), placesOf(EX2, EX2), OPTIONS)).toBe(
      '<!-- charter-plan:config -->\n### Charter plan: no changes, access equivalent\n\nNo risks. 12 unchanged.\n\n---\n\n' +
        `Compared with generation 7 of the store. Digest of the changes: \`${planOf(EX2, EX2).digest.slice(7, 23)}\`.\n`,
    );
  });

  it('of a refactoring says that access is equivalent', () => {
    const before = without(EX2, 'scope:WS');
    const comment = planToMarkdown(planOf(before, EX2), placesOf(before, EX2), OPTIONS);
    expect(comment).toContain('### Charter plan: access equivalent · 1 to add, 0 to change, 0 to delete');
    expect(comment).not.toContain('#### Access');
  });

  it('is followed by the warnings of the spec, folded, which are the first to go', () => {
    const warning = (line: number): Diagnostic => {
      const start = { line, column: 1, offset: 0 };
      const range = { file: 'a.yaml', start, end: start };
      return { severity: 'warning', code: 'group.unused', summary: 'Group opens nothing', detail: '`@Canary`', range };
    };
    const diagnostics = Array.from({ length: 30 }, (_, line) => warning(line + 1));
    const spec = { diagnostics, files: [] };
    const comment = planToMarkdown(planOf(EX2, EX2), placesOf(EX2, EX2), { ...OPTIONS, spec });
    expect(comment).toContain('<summary>Warnings of the spec: 30</summary>');
    expect(comment).toContain('… and 10 more problems');
    expect(readComment(comment).prose).not.toContain('Canary');
    const large = largePlan({
      sites: 30,
      changes: 700,
      access: 3,
      released: 0,
      permissions: 0,
      risks: 0,
      tests: 0,
      tokens: 0,
      drift: 0,
      name: 'Name',
    });
    expect(planToMarkdown(large.plan, large.places, { ...OPTIONS, spec })).not.toContain('Warnings of the spec');
  });

  it('of a plan that was applied says what it became; of one that had nothing to apply, nothing', () => {
    const before = without(EX2, 'scope:WS');
    const comment = (applied: number) =>
      planToMarkdown(planOf(before, EX2), placesOf(before, EX2), { ...OPTIONS, applied });
    expect(comment(8)).toContain('### Charter applied generation 8: access equivalent');
    expect(comment(8)).not.toContain('To apply it');
    expect(comment(7)).toContain('### Charter plan:');
  });
});
