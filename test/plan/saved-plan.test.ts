import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeToken } from '../../src/model/pointer.ts';
import { checksumOf, planFromJson, planToJson } from '../../src/plan/json.ts';
import { refusalToJson } from '../../src/plan/json-refusal.ts';
import type { PlanJson } from '../../src/plan/json-types.ts';
import { tokensOf } from '../../src/plan/paths.ts';
import { isPlan, type PlanProblem, readPlanDocument } from '../../src/plan/saved-plan.ts';
import { report } from '../../src/spec/catalogue.ts';
import { CLIENT1, EX2, edited, GROUP2 } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';
import { plans } from './plan-arbitrary.ts';

const AFTER = edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', CLIENT1, {
  metadata: { grant_types: ['client_credentials'], scope: 'Server1 WS' },
});
const DOCUMENT = planToJson(
  planOf(EX2, AFTER),
  placesOf(EX2, AFTER),
  { exit_code: 0, changes: true },
  { engine_version: '1.2.3' },
);

function problemOf(text: string): PlanProblem {
  const read = readPlanDocument(text);
  if (read.ok) throw new Error('it was read');
  return read.problem;
}

/** A document with the value at a JSON pointer replaced; removed where it is undefined. */
function changed(document: PlanJson, pointer: string, value: unknown): string {
  const copy = JSON.parse(JSON.stringify(document));
  const names = [...tokensOf(pointer)];
  const last = names.pop() ?? '';
  const owner = names.reduce((at, name) => at[name], copy);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return JSON.stringify(copy);
}

/** What somebody writes who knows how: with a checksum of its own. */
function sealed(text: string): string {
  const { checksum: _old, ...content }: PlanJson = JSON.parse(text);
  return JSON.stringify({ ...content, checksum: checksumOf(content) });
}

describe('a document that is whole', () => {
  it('is read, whatever the plan was', () => {
    fc.assert(
      fc.property(plans, ({ plan, places }) => {
        const document = planToJson(plan, places, { exit_code: 0, changes: true });
        expect(readPlanDocument(JSON.stringify(document, null, 2))).toEqual({
          ok: true,
          document: JSON.parse(JSON.stringify(document)),
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is read with a byte order mark, with other white space, with keys in another order', () => {
    const turned = Object.fromEntries(Object.entries(DOCUMENT).reverse());
    expect(readPlanDocument(`\uFEFF\n${JSON.stringify(turned, null, 8)}\n\n`)).toMatchObject({ ok: true });
  });

  it('is read with members of a later minor version, and without the origins that only applying needs', () => {
    const later = JSON.parse(JSON.stringify({ ...DOCUMENT, format_version: '1.7', added_later: [1] }));
    later.resource_changes[0].change.added_later = true;
    later.access_changes[0].cause.added_later = {};
    expect(readPlanDocument(sealed(JSON.stringify(later)))).toMatchObject({ ok: true });
    expect(readPlanDocument(sealed(changed(DOCUMENT, '/origins', undefined)))).toMatchObject({ ok: true });
  });

  it('may say why there is no plan', () => {
    const diagnostics = [report('reference.unknown', { variant: 'group', detail: 'no group' })];
    const refusal = refusalToJson({ diagnostics }, 3, { engine_version: '1.2.3', timestamp: 0 });
    const read = readPlanDocument(JSON.stringify(refusal));
    expect(read).toEqual({ ok: true, document: refusal });
    expect(read.ok && isPlan(read.document)).toBe(false);
    const failed = refusalToJson({ error: { code: 'store_unavailable', message: 'It is locked.' } }, 1);
    expect(readPlanDocument(JSON.stringify(failed))).toEqual({ ok: true, document: failed });
  });
});

describe('what is no plan document is told', () => {
  const text = JSON.stringify(DOCUMENT);

  it.each([
    ['', 'not-json', 'It is empty.'],
    [' \n', 'not-json', 'It is empty.'],
    [text.slice(0, -1), 'not-json', 'It ends in the middle: it was cut off. Plan again.'],
    [text.slice(0, 500), 'not-json', 'It ends in the middle'],
    ['server: { issuer: x }', 'not-json', 'It is no JSON.'],
    ['{ SENSITIVE }', 'not-json', 'It is no JSON.'],
    ['[]', 'not-a-plan', 'It is none of Charter: no object. charter plan --out FILE writes one.'],
    ['null', 'not-a-plan', 'no object'],
    ['{}', 'not-a-plan', 'it has no format_version'],
    ['{ "format_version": 1 }', 'not-a-plan', 'it has no format_version'],
    ['{ "format_version": "1.0" }', 'not-a-plan', 'it has none of outcome'],
    // Terraform's.
    ['{ "format_version": "1.2", "resource_changes": [] }', 'not-a-plan', 'it has none of base, digest, result_digest'],
    // That of validate.
    [
      '{ "format_version": "1.0", "outcome": { "exit_code": 0 }, "diagnostics": [] }',
      'wrong-shape',
      '/outcome/changes',
    ],
    [changed(DOCUMENT, '/format_version', '2.0'), 'other-version', 'reads 1.x. Charter 1.2.3 wrote it.'],
    [changed(DOCUMENT, '/format_version', '0.9'), 'other-version', 'Its format_version is 0.9'],
    [changed(DOCUMENT, '/format_version', '1'), 'wrong-shape', 'at /format_version'],
    [
      changed(DOCUMENT, '/outcome', undefined),
      'wrong-shape',
      '/outcome is missing. charter schema --kind plan prints it.',
    ],
    [`${'['.repeat(200)}${']'.repeat(200)}`, 'not-a-plan', 'no object'],
    [changed(DOCUMENT, '/deep', nested(2000)), 'not-a-plan', 'nested more than 100 deep'],
  ] as const)('%#: %.40s', (given, code, words) => {
    const problem = problemOf(given);
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(words);
    expect(problem.message).not.toContain('SENSITIVE');
  });

  function nested(depth: number): unknown {
    let value: unknown = 1;
    for (let at = 0; at < depth; at += 1) value = { value };
    return value;
  }
});

describe('what was edited or damaged', () => {
  const scope = DOCUMENT.resource_changes.findIndex(({ address }) => address === CLIENT1);
  const change = `/resource_changes/${scope}/change`;

  it.each([
    [`${change}/after/metadata/scope`, 'Server1 Server2 WS'],
    [`${change}/paths/0/after`, 'Server1'],
    [`${change}/renews`, true],
    ['/access_changes/0/via', []],
    ['/access_changes/0/client_id', 'Client2'],
    ['/base/generation', 8],
    [
      '/tests',
      [{ name: 'a', source: DOCUMENT.resource_changes[0]?.source, outcome: 'passed', before: 'passed', problems: [] }],
    ],
    ['/summary/add', 7],
    ['/engine_version', '1.2.4'],
    ['/added', true],
    ['/origins', undefined],
    ['/checksum', `sha256:${'0'.repeat(64)}`],
  ])('is told: %s', (pointer, value) => {
    expect(problemOf(changed(DOCUMENT, pointer, value))).toEqual({
      code: 'damaged',
      message: 'It was edited or damaged after it was written: its checksum is not that of its content. Plan again.',
    });
  });

  it.each([
    [`${change}/after/metadata/scope`, 'Server1 Server2 WS', `${change}/after`],
    [`${change}/before/client_id`, 'Client2', `${change}/before`],
    [`${change}/after_digest`, `sha256:${'0'.repeat(64)}`, `${change}/after`],
    ['/resource_changes', [], '/digest'],
    ['/resource_changes/0/address', 'application:Example/Client2', '/digest'],
    ['/access_changes', [], '/digest'],
    ['/access_changes/0/effect', 'grant', '/digest'],
    ['/access_changes/0/client', 'application:Example/Server1', '/digest'],
    ['/digest', `sha256:${'0'.repeat(64)}`, '/digest'],
    ['/origins/application:Example~1Client1/', undefined, '/origins/application:Example~1Client1'],
  ])('and sealed again is told where its digests tell it: %s', (pointer, value, told) => {
    expect(problemOf(sealed(changed(DOCUMENT, pointer, value)))).toEqual({
      code: 'damaged',
      message: `It is not what Charter writes: ${told} does not fit the rest of it. Plan again.`,
    });
  });

  it('is refused or read, and nothing throws, whatever was done to it', () => {
    const pointers = [...pointersOf(DOCUMENT)];
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(undefined, null, -1, '', '\u001b[31m', {}, []),
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...pointers), values, fc.boolean(), (pointer, value, isSealed) => {
        const text = changed(DOCUMENT, pointer, value);
        const read = readPlanDocument(isSealed ? sealed(text) : text);
        if (read.ok) {
          expect(() => isPlan(read.document) && planFromJson(read.document)).not.toThrow();
          return;
        }
        refused += 1;
        expect(read.problem.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  function* pointersOf(value: unknown, pointer = ''): Generator<string> {
    if (pointer !== '') yield pointer;
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) yield* pointersOf(member, `${pointer}/${escapeToken(name)}`);
  }
});
