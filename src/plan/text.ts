// Owns a plan as a person reads it before it is applied (DESIGN 3). Never computes what it tells, and never shows what
// is sensitive: values pass through values.ts.

import { limitsFor } from './limits.ts';
import { renderLogins } from './logins-words.ts';
import { namingOf } from './naming.ts';
import { isEmptyPlan, type Plan, type PlanBase } from './plan.ts';
import type { KnownEntity } from './read-plan.ts';
import { escapeControls, styleFor } from './style.ts';
import { speakPermissions, speakReleased, summarize } from './summary.ts';
import type { Rendered, Telling } from './telling.ts';
import type { TestChange } from './test-changes.ts';
import { type AccessGrouping, renderAccess } from './text-access.ts';
import { countChanges, type Places, renderChanges } from './text-changes.ts';
import { renderDrift } from './text-drift.ts';
import { renderEnding } from './text-ending.ts';
import { renderPermissions } from './text-permitted.ts';
import { renderReleased } from './text-released.ts';
import { type RiskTextOptions, renderRisks } from './text-risks.ts';
import { renderTests, speakPassed } from './text-tests.ts';
import { renderTokens } from './text-tokens.ts';
import { renderUses, speakUses } from './uses-words.ts';

export interface PlanTextOptions extends RiskTextOptions {
  readonly color: boolean;
  /** Under which headings access is told; one line after the other where it is not given. */
  readonly groupBy?: AccessGrouping | undefined;
  /** Everything by name, however much it is. */
  readonly full?: boolean | undefined;
  /** Tests that the base has and the spec has not. */
  readonly testChanges?: readonly TestChange[] | undefined;
}

/** The plan as lines of text, ended by a line break. Colour only when asked for. */
export function renderPlan(plan: Plan<KnownEntity>, places: Places, options: PlanTextOptions): string {
  const style = styleFor(options);
  const naming = namingOf(plan);
  const limits = limitsFor(options);
  const telling: Telling = { places, naming, style, limits };
  const isEmpty = isEmptyPlan(plan);
  const headed = (heading: string, { lines, cut }: Rendered): Rendered =>
    lines.length === 0 ? { lines, cut } : { lines: [style.heading(heading), ...lines], cut };
  const tests = renderTests(plan, telling, options.testChanges);
  const hasFailed = plan.tests.some(({ outcome }) => outcome === 'failed');
  const isAside = !hasFailed && (options.testChanges ?? []).length === 0;
  const risks = renderRisks(plan, telling, options);
  const sections: Rendered[] = [
    renderChanges(plan.changes, places, naming, style, { impact: plan.impact, limits }),
    headed('Access', renderAccess(plan, telling, options.groupBy)),
    headed('Released', renderReleased(plan.released, telling)),
    headed('Resources', renderUses(plan.uses, telling)),
    headed('Permissions', renderPermissions(plan.permissions, telling)),
    headed('Logins', renderLogins(plan.logins, telling)),
    headed('Tokens', renderTokens(plan.tokens, telling)),
    // A plan of nothing tells only what is wrong.
    ...verdicts(isEmpty && isAside ? NOTHING : tests, isEmpty && plan.risks.length === 0 ? NOTHING : risks),
    headed('Ends within 7 days', renderEnding(plan.ending, naming, style, limits)),
    renderDrift(plan, telling),
  ].filter(({ lines }) => lines.length > 0);
  const lines = sections.map((section) => section.lines);
  const isCut = sections.some(({ cut }) => cut);
  return joined([
    ...(isEmpty ? [[unchangedLine(plan)]] : []),
    ...lines,
    ...(isCut ? [['Long lists are cut here; --full names everything, and --json FILE holds it.']] : []),
    ...(isEmpty ? [] : [[summaryLine(plan)]]),
  ]);
}

const NOTHING: Rendered = { lines: [], cut: false };

/** One below the other where each is a line, else a section each. */
function verdicts(tests: Rendered, risks: Rendered): readonly Rendered[] {
  if (tests.lines.length > 1 || risks.lines.length > 1) return [tests, risks];
  return [{ lines: [...tests.lines, ...risks.lines], cut: false }];
}

/** All that is said of a plan that changes nothing. */
export function unchangedLine({ base, tests }: Pick<Plan, 'base' | 'tests'>): string {
  return ['No changes.', EQUIVALENT, speakPassed({ tests }), speakBase(base)].filter((text) => text !== '').join(' ');
}

/** Nobody may get a token that could not, nobody lost one, and none says other things of users: a refactoring proves itself. */
const EQUIVALENT = 'Access equivalent.';

function speakBase(base: PlanBase): string {
  switch (base.kind) {
    case 'store':
      return `The store is at generation ${base.generation}.`;
    case 'ref':
      return `Compared with ${speakRef(base, escapeControls)}.`;
    case 'dir':
      return `Compared with ${escapeControls(base.path)}.`;
  }
}

/** `main (0123456789ab)`; of a base that was given as its commit, that once. Each name as `told` makes it. */
export function speakRef({ ref, commit }: Extract<PlanBase, { kind: 'ref' }>, told: (name: string) => string): string {
  const short = told(commit.slice(0, COMMIT_CHARACTERS));
  return /^[0-9a-f]{12,}$/.test(ref) && commit.startsWith(ref) ? short : `${told(ref)} (${short})`;
}

/** As Git shortens a commit where it wants to be certain. */
const COMMIT_CHARACTERS = 12;

function joined(sections: readonly (readonly string[])[]): string {
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

/** The last line of a plan. What cannot be applied says with what it is compared. */
export function summaryLine(
  plan: Pick<Plan<KnownEntity>, 'changes' | 'access' | 'released' | 'permissions' | 'uses' | 'unchanged' | 'base'>,
): string {
  const summary = summarize(plan);
  const { unchanged, access_added, access_removed } = summary;
  const released = speakReleased(summary);
  const uses = speakUses(plan.uses);
  const permissions = speakPermissions(summary);
  const more = [
    ...(released === '' ? [] : [`Released: ${released}.`]),
    ...(uses === '' ? [] : [`Resources: ${uses}.`]),
    ...(permissions === '' ? [] : [`Permissions: ${permissions}.`]),
  ];
  const numbers = [`Access: +${access_added} −${access_removed}.`, ...more].join(' ');
  const access = plan.access.length === 0 && more.length === 0 ? EQUIVALENT : numbers;
  const compared = plan.base.kind === 'store' ? '' : ` ${speakBase(plan.base)}`;
  return `Plan: ${countChanges(plan)}. ${access} ${unchanged} unchanged.${compared}`;
}
