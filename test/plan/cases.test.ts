// Golden plans: each folder of cases/ holds a spec before (none for a first apply) and after, and the plan between them
// as text, as JSON and as a comment. `npx vitest run test/plan -u` writes them anew: read the difference before it is
// committed. Beside them may stand `found/`, what the store holds where something else wrote to it, and case.json.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { parseApproval } from '../../src/model/approval.ts';
import { digestState } from '../../src/model/digest.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import { approve, unapproved } from '../../src/plan/approving.ts';
import { circumstancesOf } from '../../src/plan/circumstances.ts';
import { applyChanges, diffStates } from '../../src/plan/diff.ts';
import { withUsage } from '../../src/plan/impact.ts';
import { planToJson } from '../../src/plan/json.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { planToMarkdown } from '../../src/plan/markdown.ts';
import { isEmptyPlan, type Plan, type PlanBase } from '../../src/plan/plan.ts';
import type { Usage } from '../../src/plan/port.ts';
import { type PlanTextOptions, renderPlan } from '../../src/plan/text.ts';
import { type CompiledSpec, compile } from '../../src/spec/compile.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const CASES = fileURLToPath(new URL('cases/', import.meta.url));
const NOW = Date.UTC(2026, 0, 1);

/** What a spec does not say of a plan. */
interface Case {
  /** What the plan is against, where that is no store. */
  readonly against?: 'ref' | 'dir';
  /** As `--approve` is given. */
  readonly approvals?: readonly string[];
  /** Whether it is told when the plan was made, and so what had ended by then. */
  readonly timed?: boolean;
  /** What the store knows of tokens, by address. */
  readonly usage?: { readonly [address: string]: Usage };
  /** More texts: plan.NAME.txt with these options. */
  readonly texts?: { readonly [name: string]: Omit<PlanTextOptions, 'color'> };
}

const NOTHING: CompiledSpec = {
  state: EMPTY_STATE,
  origins: new Map(),
  waivers: [],
  moves: [],
  approvals: [],
  tests: [],
};

function readSpec(directory: string): CompiledSpec {
  if (!existsSync(directory)) return NOTHING;
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path): SourceFile => ({ path: relative(directory, path), text: readFileSync(path, 'utf8') }));
  const compiled = compile(files);
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
  return compiled.value;
}

function baseOf({ against }: Case, before: State): PlanBase {
  const digest = digestState(before);
  if (against === 'ref')
    return { kind: 'ref', ref: 'main', commit: '4b1c9e0d2f6a8b7c5e3d1f0a9b8c7d6e5f4a3b2c', digest };
  if (against === 'dir') return { kind: 'dir', path: '../live', digest };
  return { kind: 'store', generation: before.size === 0 ? 0 : 3, digest };
}

/** As plan-against.ts of reconcile puts it together. */
function planOf(directory: string, options: Case, before: CompiledSpec, after: CompiledSpec): Plan {
  const made = makePlan({
    base: baseOf(options, before.state),
    before: before.state,
    beforeOrigins: before.origins,
    after: after.state,
    afterOrigins: after.origins,
    moves: after.moves,
    tests: after.tests,
    now: NOW,
  });
  const usage = options.usage && new Map(Object.entries(options.usage) as [Address, Usage][]);
  const used = usage === undefined ? made : withUsage(made, usage);
  const given = (options.approvals ?? []).map((text) => {
    const approval = parseApproval(text);
    if (approval === undefined) throw new Error(`case.json: ${text} is no approval`);
    return approval;
  });
  return {
    ...used,
    risks: approve(used.risks, [...after.approvals, ...given]),
    drift: driftOf(join(directory, 'found'), before.state),
  };
}

function driftOf(directory: string, recorded: State): Plan['drift'] {
  if (!existsSync(directory)) return undefined;
  const found = readSpec(directory).state;
  return { recorded: digestState(recorded), found: digestState(found), changes: diffStates(recorded, found) };
}

/** DESIGN 3, Exit codes. */
function exitCodeOf(plan: Plan): number {
  if (plan.tests.some(({ outcome }) => outcome === 'failed')) return 4;
  if (unapproved(plan.risks).length > 0) return 5;
  return isEmptyPlan(plan) ? 0 : 2;
}

describe.each(readdirSync(CASES))('the plan of %s', (name) => {
  const directory = join(CASES, name);
  const file = join(directory, 'case.json');
  const options: Case = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const before = readSpec(join(directory, 'before'));
  const after = readSpec(join(directory, 'after'));
  const plan = planOf(directory, options, before, after);
  const { now: _, ...timeless } = circumstancesOf(plan, after, NOW);
  const circumstances = options.timed === true ? { ...timeless, now: NOW } : timeless;
  const places = { beforeOrigins: before.origins, afterOrigins: after.origins, circumstances };

  it('reads like plan.txt', async () => {
    await expect(renderPlan(plan, places, { color: false })).toMatchFileSnapshot(join(directory, 'plan.txt'));
  });

  it.each(Object.entries(options.texts ?? {}))('reads like plan.%s.txt', async (text, given) => {
    const rendered = renderPlan(plan, places, { color: false, ...given });
    await expect(rendered).toMatchFileSnapshot(join(directory, `plan.${text}.txt`));
  });

  it('reads like plan.md in a pull request', async () => {
    const text = planToMarkdown(plan, places, { key: ['config'], apply: 'charter apply config' });
    await expect(text).toMatchFileSnapshot(join(directory, 'plan.md'));
  });

  it('is plan.json to a machine', async () => {
    const outcome = { exit_code: exitCodeOf(plan), changes: !isEmptyPlan(plan) };
    const text = `${JSON.stringify(planToJson(plan, places, outcome, options.timed === true ? { timestamp: NOW } : {}), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(directory, 'plan.json'));
  });

  it('applied gives the State that the spec after it declares', () => {
    const result = applyChanges(before.state, plan.changes);
    expect(digestState(result)).toBe(plan.resultDigest);
    expect([...result]).toEqual([...after.state]);
  });
});
