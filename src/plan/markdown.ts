// Owns a plan as a comment of a pull request: what stops it and what access changes first, and of everything else as much
// as fits. Never shows text of a spec outside of code, and never tells what the plan does not hold.

import { count } from '../model/count.ts';
import { codeSpan, MOST_OF_COMMENT, marker } from '../spec/outputs/markdown-text.ts';
import { unapproved } from './approving.ts';
import { type Beside, GRAVEST_FIRST, PARTS, type Part, partsOf } from './markdown-parts.ts';
import { type Note, notesMarkdown } from './notes.ts';
import { isEmptyPlan, type Plan, type PlanBase } from './plan.ts';
import { speakPermissions, summarize } from './summary.ts';
import type { TestChange } from './test-changes.ts';
import { speakRef } from './text.ts';
import { countChanges, type Places } from './text-changes.ts';
import { countTestChanges } from './text-tests.ts';
import { speakUses } from './uses-words.ts';

export interface MarkdownOptions extends Beside {
  /** The words that tell this comment from others of a pull request: the spec, say. */
  readonly key: readonly string[];
  /** The command that applies it: `charter apply config`. */
  readonly apply: string;
  /** Whether that command applies exactly this plan, which is saved. */
  readonly isSaved?: boolean | undefined;
  /** The generation that it became. */
  readonly applied?: number | undefined;
  readonly notes?: readonly Note[] | undefined;
}

/**
 * Ends with a line break, and is never longer than `most` characters: what GitHub takes, with room for what a CI job adds.
 * Equal plans give equal text.
 */
export function planToMarkdown(
  plan: Plan,
  places: Places,
  options: MarkdownOptions,
  most: number = MOST_OF_COMMENT,
): string {
  const parts = partsOf(plan, places, options);
  const head = `${marker(options.key)}\n${headline(plan, options)}`;
  // First the least of all of them; then one after the other takes what the others leave.
  const texts = new Map<Part, string>(PARTS.map((part) => [part, parts[part](0)]));
  const compose = () =>
    `${[head, ...PARTS.map((part) => texts.get(part)), footer(plan, options)].filter(Boolean).join('\n\n')}\n`;
  for (const part of GRAVEST_FIRST) {
    texts.set(part, '');
    const room = most - compose().length - '\n\n'.length;
    texts.set(part, parts[part](room));
  }
  return compose();
}

/** What becomes of access and of entities in one line, what stops the plan in another. */
function headline(plan: Plan, { applied, notes = [], testChanges = [] }: MarkdownOptions): string {
  const summary = summarize(plan);
  const { access_added, access_removed, unchanged } = summary;
  const stops = stopsOf(plan);
  // Who reads that nothing was judged must not read that there is no risk.
  const isJudged = notes.every(({ isCaution }) => !isCaution);
  const isApplied = applied !== undefined && plan.base.kind === 'store' && applied > plan.base.generation;
  const title = isApplied ? `Charter applied generation ${applied}` : 'Charter plan';
  const { released_added = 0, released_changed = 0, released_removed = 0 } = summary;
  // Without the sign of a change, which strikes text out here.
  const otherwise = released_changed === 0 ? '' : `, ${released_changed} otherwise`;
  const released = ` · released +${released_added} −${released_removed}${otherwise}`;
  const uses = speakUses(plan.uses);
  const permissions = speakPermissions(summary);
  const numbers = [
    `access +${access_added} −${access_removed}${plan.released.length === 0 ? '' : released}`,
    ...(uses === '' ? [] : [`resources ${uses}`]),
    ...(permissions === '' ? [] : [`permissions ${permissions}`]),
  ].join(' · ');
  const told = plan.access.length + plan.released.length + plan.permissions.length;
  const access = told === 0 && uses === '' ? 'access equivalent' : numbers;
  const nothing = plan.drift === undefined ? 'no changes, access equivalent' : 'no changes, but the store drifted';
  const counts = plan.changes.length === 0 ? nothing : `${access} · ${countChanges(plan)}`;
  const stopped = `> [!CAUTION]\n> **Stopped:** ${stops.join(', ')}. Nothing is applied until that is settled.`;
  return [
    `### ${stops.length > 0 ? '❌ ' : ''}${title}: ${counts}`,
    ...(stops.length > 0 ? [stopped] : []),
    ...[notesMarkdown(notes)].filter(Boolean),
    [...verdicts(plan, isJudged), ...speakTestChanges(testChanges), `${unchanged} unchanged.`].join(' '),
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
function verdicts({ risks, tests }: Plan, isJudged: boolean): readonly string[] {
  const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
  const approved = risks.length - unapproved(risks).length;
  return [
    ...(passed === 0 || passed < tests.length ? [] : [`${count(passed, 'test')} passed.`]),
    ...(risks.length === 0 && isJudged
      ? ['No risks.']
      : approved === 0
        ? []
        : [`${count(approved, 'risk')} approved.`]),
  ];
}

function speakTestChanges(changed: readonly TestChange[]): readonly string[] {
  return changed.length === 0 ? [] : [`**Tests of the base: ${countTestChanges(changed).join(', ')}.**`];
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
