// Owns a plan as the log of a running server tells it: a few lines, access first. Never more than a screen holds.

import { type Naming, namingOf, speakEntity } from './naming.ts';
import { isEmptyPlan, type PathChange, type Plan } from './plan.ts';
import { styleFor } from './style.ts';
import { summaryLine, unchangedLine } from './text.ts';
import { audienceNames, EFFECT_SIGNS, reasonOf } from './text-access.ts';
import { type Places, placeOf, SIGNS } from './text-changes.ts';
import { speakPath } from './values.ts';

const MOST_LINES = 12;

/** The lines of one reload, ended by a line break: what access changed, then which entities, then the numbers. */
export function renderReload(plan: Plan, context: Places, options: { readonly color: boolean }): string {
  if (isEmptyPlan(plan)) return `${unchangedLine(plan)}\n`;
  const style = styleFor(options);
  // Without what ends soon, which is not told here.
  const naming = namingOf({ changes: plan.changes, access: plan.access });
  const audienceOf = audienceNames(plan.access, naming);
  const beside = (place: string) => (place === '' ? '' : `   ${style.aside(place)}`);

  const access = plan.access.slice(0, MOST_LINES).map((change) => {
    const { reason, place } = reasonOf(change, naming);
    const told = change.effect === 'grant' ? ` ${reason}` : `: ${reason}`;
    return `${style.sign(EFFECT_SIGNS[change.effect])} ${naming.name(change.client)} → ${audienceOf(change)}${told}${beside(place)}`;
  });
  const changes = plan.changes.slice(0, MOST_LINES).map((change) => {
    const paths = change.action === 'update' ? `: ${speakPaths(change.paths, naming)}` : '';
    return `${style.sign(SIGNS[change.action])} ${speakEntity(change.address, naming)}${paths}${beside(placeOf(change, context))}`;
  });
  const lines = [...access, ...changes].slice(0, MOST_LINES);
  const hidden = plan.access.length + plan.changes.length - lines.length;
  if (hidden > 0) lines.push(`… and ${hidden} more`);
  return `${[...lines, summaryLine(plan)].join('\n')}\n`;
}

/** The one path that changed, with what became of it; of several, their names. */
function speakPaths(paths: readonly PathChange[], naming: Naming): string {
  const spoken = paths.map((path) => speakPath(path, naming));
  const [only] = spoken;
  if (only === undefined || spoken.length > 1) return spoken.map(({ name }) => name).join(', ');
  // A list says itself what joined and what left; a key that came or went as a whole says it here, in the same form.
  return `${only.name} ${only.sign === '~' ? '' : `${only.sign} `}${only.value}`;
}
