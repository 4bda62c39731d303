// schema/answer.schema.json is the contract of what explain, who-can, what-can and token write with --json: all of it fits,
// and nothing is written that it does not describe.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { answerSchema } from '../../src/explain/answer-schema.gen.ts';
import { closedSchema } from '../../src/plan/closed-schema.ts';
import { undescribed } from '../undescribed.ts';
import { parseCase, REPOSITORY } from './case.ts';

const options = { strict: true, strictRequired: false, allErrors: true } as const;
const formats = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ };
/** Without the leave of minor versions to add members. */
const fits = new Ajv2020({ ...options, formats }).compile(closedSchema(answerSchema));

const CASES = join(REPOSITORY, 'test/cli/cases');

/** What the golden cases have as answers. */
const documents = readdirSync(CASES).flatMap((name) => {
  const { sections } = parseCase(readFileSync(join(CASES, name), 'utf8'));
  const isAnswer = /^(explain|who-can|what-can|token) .*--json/.test(sections.get('argv') ?? '');
  return isAnswer ? [{ name, document: JSON.parse(sections.get('stdout') ?? '') }] : [];
});

describe('schema/answer.schema.json', () => {
  it('is draft 2020-12 with a versioned name, and what charter schema prints', () => {
    const shipped = JSON.parse(readFileSync(join(REPOSITORY, 'schema/answer.schema.json'), 'utf8'));
    expect(answerSchema).toEqual(shipped);
    expect(shipped.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(shipped.$id).toBe('https://charter.dev/schema/v1/answer.schema.json');
  });

  it('describes every part', () => {
    expect(undescribed(answerSchema)).toEqual([]);
  });

  it('refuses what is none: another major version, a kind that is not asked, an answer without its members', () => {
    const open = new Ajv2020({ ...options, formats }).compile(answerSchema);
    const good = documents[0]?.document;
    expect(open(good)).toBe(true);
    expect(open({ ...good, later: true })).toBe(true);
    expect(fits({ ...good, later: true })).toBe(false);
    for (const wrong of [{ format_version: '2.0' }, { kind: 'why' }, { at: 'today' }, { grants: undefined }]) {
      expect(open(JSON.parse(JSON.stringify({ ...good, ...wrong }))), JSON.stringify(wrong)).toBe(false);
    }
  });

  it('is of the version that documents name', () => {
    for (const { document } of documents) {
      expect(document.format_version).toMatch(new RegExp(answerSchema.properties.format_version.pattern));
      expect(answerSchema.$id).toContain(`/v${document.format_version.split('.')[0]}/`);
    }
  });
});

describe('what is written fits it', () => {
  it('of each kind of answer there is one', () => {
    const kinds = new Set(documents.map(({ document }) => document.kind));
    expect([...kinds].sort()).toEqual(answerSchema.properties.kind.enum.toSorted());
  });

  it.each(documents.map(({ name, document }) => [name, document] as const))('%s', (_, document) => {
    fits(document);
    expect(fits.errors ?? []).toEqual([]);
  });
});
