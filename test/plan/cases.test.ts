// Golden plans: each folder of cases/ holds a spec before (none for a first apply) and after, and the plan between them
// as text and as JSON. `npx vitest run test/plan -u` writes them anew: read the difference before it is committed.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { EMPTY_STATE } from '../../src/model/state.ts';
import { applyChanges } from '../../src/plan/diff.ts';
import { planToJson } from '../../src/plan/json.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { isEmptyPlan } from '../../src/plan/plan.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { type CompiledSpec, compile } from '../../src/spec/compile.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const CASES = fileURLToPath(new URL('cases/', import.meta.url));

function readSpec(directory: string): Pick<CompiledSpec, 'state' | 'origins'> {
  if (!existsSync(directory)) return { state: EMPTY_STATE, origins: new Map() };
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path): SourceFile => ({ path: relative(directory, path), text: readFileSync(path, 'utf8') }));
  const compiled = compile(files);
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
  return compiled.value;
}

describe.each(readdirSync(CASES))('the plan of %s', (name) => {
  const before = readSpec(join(CASES, name, 'before'));
  const after = readSpec(join(CASES, name, 'after'));
  const generation = before.state.size === 0 ? 0 : 3;
  const plan = makePlan({
    base: { kind: 'store', generation, digest: digestState(before.state) },
    before: before.state,
    beforeOrigins: before.origins,
    after: after.state,
    afterOrigins: after.origins,
    now: Date.UTC(2026, 0, 1),
  });
  const places = { beforeOrigins: before.origins, afterOrigins: after.origins };

  it('reads like plan.txt', async () => {
    await expect(renderPlan(plan, places, { color: false })).toMatchFileSnapshot(join(CASES, name, 'plan.txt'));
  });

  it('is plan.json to a machine', async () => {
    const outcome = { exit_code: isEmptyPlan(plan) ? 0 : 2, changes: !isEmptyPlan(plan) };
    const text = `${JSON.stringify(planToJson(plan, places, outcome), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(CASES, name, 'plan.json'));
  });

  it('applied gives the State that the spec after it declares', () => {
    const result = applyChanges(before.state, plan.changes);
    expect(digestState(result)).toBe(plan.resultDigest);
    expect([...result]).toEqual([...after.state]);
  });
});
