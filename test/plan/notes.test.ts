import { expect, it } from 'vitest';
import { planFromJson, planToJson } from '../../src/plan/json.ts';
import { planToMarkdown } from '../../src/plan/markdown.ts';
import { type Note, notesMarkdown, noteText } from '../../src/plan/notes.ts';
import { EX2 } from '../model/example-state.ts';
import { readComment } from './gfm.ts';
import { placesOf, planOf } from './make.ts';

const caution = (name: string): Note => ({ isCaution: true, say: (quote) => `Nothing is at ${quote(name)}.` });
const note = (name: string): Note => ({ isCaution: false, say: (quote) => `${quote(name)} is a submodule.` });

it('a caution stands out near the top of a comment, before notes', () => {
  const options = { key: ['config'], apply: 'charter apply config', notes: [note('sub'), caution('config')] };
  expect(planToMarkdown(planOf(EX2, EX2), placesOf(EX2, EX2), options).split('\n').slice(1, 10)).toEqual([
    '### Charter plan: no changes, access equivalent',
    '',
    '> [!CAUTION]',
    '> Nothing is at `config`.',
    '',
    '> [!NOTE]',
    '> `sub` is a submodule.',
    '',
    // Not: no risks.
    '12 unchanged.',
  ]);
});

it('names in notes stay code, on one line, and what a terminal gets has no controls', () => {
  for (const name of ['`@octocat`', '\n\n# @octocat', '</summary>@octocat', '\u001b[2J@octocat', 'a\n> @octocat']) {
    const markdown = notesMarkdown([caution(name)]);
    const { prose, code } = readComment(`<!-- x -->\n${markdown}\n`);
    expect(prose).not.toContain('octocat');
    expect(code.join()).toContain('octocat');
    expect(markdown.split('\n')).toHaveLength(2);
    expect(noteText(note(name))).not.toMatch(/\p{Cc}/u);
  }
});

it('of very many notes the rest is told by its number', () => {
  const markdown = notesMarkdown(Array.from({ length: 300 }, (_, at) => note(`${'x'.repeat(999)}${at}`)));
  expect(markdown).toContain('… and 290 more notes');
  expect(markdown.length).toBeLessThan(5_000);
});

it('a document holds them, and warnings of the spec, and gives them back', () => {
  const start = { line: 1, column: 1, offset: 0 };
  const warning = {
    severity: 'warning',
    code: 'group.unused',
    summary: 'Group opens nothing',
    detail: 'x',
    range: { file: 'a.yaml', start, end: start },
  } as const;
  const plan = planOf(EX2, EX2);
  const context = { notes: ['One.', 'Two.'], diagnostics: [warning] };
  const json = planToJson(plan, placesOf(EX2, EX2), { exit_code: 0, changes: false }, context);
  expect(json).toMatchObject(context);
  expect(planFromJson(json).context).toMatchObject(context);
  const without = planToJson(
    plan,
    placesOf(EX2, EX2),
    { exit_code: 0, changes: false },
    { notes: [], diagnostics: [] },
  );
  expect(without).not.toHaveProperty('notes');
  expect(without).not.toHaveProperty('diagnostics');
});
