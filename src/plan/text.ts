// Owns a plan as a person reads it before it is applied (DESIGN 3). Never computes what it tells, and never shows what
// is sensitive: values pass through values.ts.

import { namingOf } from './naming.ts';
import { isEmptyPlan, type Plan, type PlanBase } from './plan.ts';
import { styleFor } from './style.ts';
import { renderAccess } from './text-access.ts';
import { type Places, renderChanges } from './text-changes.ts';
import { renderEnding } from './text-ending.ts';

/** The plan as lines of text, ended by a line break. Colour only when asked for. */
export function renderPlan(plan: Plan, context: Places, options: { readonly color: boolean }): string {
  const style = styleFor(options);
  const naming = namingOf(plan);
  const ending = renderEnding(plan.ending, naming, style);
  const endingSection = ending.lines.length === 0 ? [] : [[style.heading('Ends within 7 days'), ...ending.lines]];
  if (isEmptyPlan(plan)) return joined([[unchangedLine(plan)], ...endingSection]);
  const changes = renderChanges(plan.changes, context, naming, style);
  const access = renderAccess(plan.access, naming, style);
  const sections = [[...changes.lines]];
  if (access.lines.length > 0) sections.push([style.heading('Access'), ...access.lines]);
  sections.push(...endingSection);
  const isCut = changes.cut || access.cut || ending.cut;
  if (isCut) sections.push(['Long lists are cut here; --json FILE holds everything.']);
  sections.push([summaryLine(plan)]);
  return joined(sections);
}

/** All that is said of a plan that changes nothing. */
export function unchangedLine({ base }: Plan): string {
  return `No changes. ${speakBase(base)}`;
}

function speakBase(base: PlanBase): string {
  switch (base.kind) {
    case 'store':
      return `The store is at generation ${base.generation}.`;
    case 'ref':
      return `Compared with ${base.ref} (${base.commit.slice(0, 12)}).`;
    case 'dir':
      return `Compared with ${base.path}.`;
  }
}

function joined(sections: readonly (readonly string[])[]): string {
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

/** The last line of a plan. */
export function summaryLine(plan: Plan): string {
  const { add, change, delete: gone, unchanged, access_added, access_removed } = summarize(plan);
  const access = `Access: +${access_added} −${access_removed}.`;
  return `Plan: ${add} to add, ${change} to change, ${gone} to delete. ${access} ${unchanged} unchanged.`;
}

export interface PlanSummary {
  readonly add: number;
  readonly change: number;
  readonly delete: number;
  readonly unchanged: number;
  readonly access_added: number;
  readonly access_removed: number;
}

/** The plan in numbers, by the names of its JSON. */
export function summarize(plan: Plan): PlanSummary {
  const actions = (action: Plan['changes'][number]['action']) =>
    plan.changes.filter((change) => change.action === action).length;
  const effects = (effect: Plan['access'][number]['effect']) =>
    plan.access.filter((change) => change.effect === effect).length;
  return {
    add: actions('create'),
    change: actions('update'),
    delete: actions('delete'),
    unchanged: plan.unchanged,
    access_added: effects('grant'),
    access_removed: effects('revoke'),
  };
}
