// Owns a plan as a comment of a pull request: what stops it and what access changes first, and of everything else as much
// as fits. Never shows text of a spec outside of code, and never tells what the plan does not hold.

import { count } from '../model/count.ts';
import type { Findings } from '../spec/outputs/findings.ts';
import { codeSpan, MOST_OF_COMMENT, marker } from '../spec/outputs/markdown-text.ts';
import { LESS, PARTS, type Part, stepsOf } from './markdown-parts.ts';
import { isEmptyPlan, type Plan, type PlanBase } from './plan.ts';
import { unapproved } from './risks.ts';
import { summarize } from './summary.ts';
import { speakRef } from './text.ts';
import { countChanges, type Places } from './text-changes.ts';

export interface MarkdownOptions {
  /** The words that tell this comment from others of a pull request: the spec, say. */
  readonly key: readonly string[];
  /** The command that applies it: `charter apply config`. */
  readonly apply: string;
  /** Whether that command applies exactly this plan, which is saved. */
  readonly isSaved?: boolean | undefined;
  /** The generation that it became. */
  readonly applied?: number | undefined;
  /** What the check of the spec found, and its files. */
  readonly spec?: Pick<Findings, 'diagnostics' | 'files'> | undefined;
}

/** Ends with a line break, and is never longer than GitHub takes. Equal plans give equal text. */
export function planToMarkdown(plan: Plan, places: Places, options: MarkdownOptions): string {
  const steps = stepsOf(plan, places, options.spec);
  const at = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  const textOf = (part: Part) => steps[part][at[part]]?.() ?? '';
  const texts = new Map(PARTS.map((part) => [part, textOf(part)]));
  const head = `${marker(options.key)}\n${headline(plan, options)}`;
  const compose = () =>
    `${[head, ...PARTS.map((part) => texts.get(part)), footer(plan, options)].filter(Boolean).join('\n\n')}\n`;
  let text = compose();
  for (const part of LESS) {
    if (text.length <= MOST_OF_COMMENT) break;
    at[part] += 1;
    texts.set(part, textOf(part));
    text = compose();
  }
  return text;
}

/** What becomes of access and of entities in one line, what stops the plan in another. */
function headline(plan: Plan, { applied }: MarkdownOptions): string {
  const { access_added, access_removed, unchanged } = summarize(plan);
  const stops = stopsOf(plan);
  const isApplied = applied !== undefined && plan.base.kind === 'store' && applied > plan.base.generation;
  const title = isApplied ? `Charter applied generation ${applied}` : 'Charter plan';
  const access = plan.access.length === 0 ? 'access equivalent' : `access +${access_added} −${access_removed}`;
  const nothing = plan.drift === undefined ? 'no changes, access equivalent' : 'no changes, but the store drifted';
  const counts = plan.changes.length === 0 ? nothing : `${access} · ${countChanges(plan)}`;
  const stopped = `> [!CAUTION]\n> **Stopped:** ${stops.join(', ')}. Nothing is applied until that is settled.`;
  return [
    `### ${stops.length > 0 ? '❌ ' : ''}${title}: ${counts}`,
    ...(stops.length > 0 ? [stopped] : []),
    [...verdicts(plan), `${unchanged} unchanged.`].join(' '),
  ].join('\n\n');
}

function stopsOf({ risks, tests }: Plan): readonly string[] {
  const open = unapproved(risks).length;
  const failed = tests.filter(({ outcome }) => outcome === 'failed').length;
  return [
    ...(open === 0 ? [] : [`${count(open, 'risk')} ${open === 1 ? 'is' : 'are'} not approved`]),
    ...(failed === 0 ? [] : [`${count(failed, 'test')} of access ${failed === 1 ? 'fails' : 'fail'}`]),
  ];
}

/** What is in order. */
function verdicts({ risks, tests }: Plan): readonly string[] {
  const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
  const approved = risks.length - unapproved(risks).length;
  return [
    ...(passed === 0 || passed < tests.length ? [] : [`${count(passed, 'test')} passed.`]),
    ...(risks.length === 0 ? ['No risks.'] : approved === 0 ? [] : [`${count(approved, 'risk')} approved.`]),
  ];
}

/** What it was compared with, what tells its changes from others, and how it is applied. */
function footer(plan: Plan, { apply, applied, isSaved }: MarkdownOptions): string {
  const digest = codeSpan(plan.digest.replace(/^sha256:/, '').slice(0, 16));
  return `---\n\n${speakBase(plan.base)} Digest of the changes: ${digest}.${applied === undefined ? speakApply(plan, apply, isSaved) : ''}`;
}

function speakApply(plan: Plan, apply: string, isSaved = false): string {
  if (isEmptyPlan(plan)) return '';
  const command = `\n\nTo apply it: ${codeSpan(apply)}`;
  if (plan.base.kind !== 'store') return `${command}, which compares with the store.`;
  if (isSaved) return `${command}.`;
  return `${command}, or exactly this plan: save it with \`--out plan.json\`, then \`charter apply plan.json\`.`;
}

function speakBase(base: PlanBase): string {
  switch (base.kind) {
    case 'store':
      if (base.generation === 0) return 'Compared with an empty store.';
      return `Compared with generation ${base.generation} of the store.`;
    case 'ref':
      return `Compared with ${speakRef(base, codeSpan)}.`;
    case 'dir':
      return `Compared with ${codeSpan(base.path)}.`;
  }
}
