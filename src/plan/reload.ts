// Owns a plan as the log of a running server tells it: a few lines, access first. Never more than a screen holds.

import { audienceNames, clientNames, EFFECT_SIGNS, reasonOf } from './access-rows.ts';
import { speakUsers } from './access-words.ts';
import { unapproved } from './approving.ts';
import { renamesIn } from './follow-links.ts';
import { BRIEF } from './limits.ts';
import { namingOf } from './naming.ts';
import { speakFor, speakFunctions } from './permitted-words.ts';
import { type Change, isEmptyPlan, type PathChange, type Plan } from './plan.ts';
import { speakAbout, speakName } from './released-words.ts';
import { cut, escapeControls, styleFor } from './style.ts';
import { summaryLine, unchangedLine } from './text.ts';
import { placeOf, SIGNS, speakHead } from './text-change.ts';
import type { Places } from './text-changes.ts';
import { PERMISSION_SIGNS, speakPermissionCause } from './text-permitted.ts';
import { RELEASE_SIGNS, speakReleaseCause } from './text-released.ts';
import { speakApproval } from './text-risks.ts';
import { speakUse, speakUseCause } from './uses-words.ts';
import { speakPath } from './values.ts';

const MOST_LINES = 12;

/**
 * The lines of one reload, ended by a line break: what access changed, what is released and permitted, then which entities, what has to be approved, then
 * the numbers. `store` is what a command that is suggested names the store with.
 */
export function renderReload(
  plan: Plan,
  context: Places,
  options: { readonly color: boolean; readonly store?: string },
): string {
  if (isEmptyPlan(plan)) return `${unchangedLine(plan)}\n`;
  const style = styleFor(options);
  // Without what ends soon, which is not told here.
  const uses = plan.uses ?? [];
  const naming = namingOf({
    changes: plan.changes,
    access: plan.access,
    released: plan.released,
    uses,
    permissions: plan.permissions,
  });
  const audienceOf = audienceNames(plan.access, naming);
  const clientOf = clientNames(plan.access, naming);
  const beside = (place: string) => (place === '' ? '' : `   ${style.aside(place)}`);
  const renames = renamesIn(plan.changes);

  const access = plan.access.slice(0, MOST_LINES).map((change) => {
    const { reason, place } = reasonOf(change, naming, context);
    const told = change.effect === 'grant' ? ` ${reason}` : `: ${reason}`;
    const who = change.users === undefined ? clientOf(change) : speakUsers(change.users, naming);
    return `${style.sign(EFFECT_SIGNS[change.effect])} ${who} → ${audienceOf(change)}${told}${beside(place)}`;
  });
  const released = plan.released.slice(0, MOST_LINES).map((change) => {
    const { effect, application } = change;
    const told = `${speakName(change.name, BRIEF)} → ${naming.name(application)} ${speakAbout(change, naming)}`;
    return `${style.sign(RELEASE_SIGNS[effect])} ${told}${beside(speakReleaseCause(change))}`;
  });
  const opened = uses.slice(0, MOST_LINES).map((change) => {
    const told = `${naming.name(change.client)} → resource ${naming.name(change.resource)} ${speakUse(change, naming)}`;
    return `${style.sign(EFFECT_SIGNS[change.effect])} ${told}${beside(speakUseCause(change))}`;
  });
  const permissions = plan.permissions.slice(0, MOST_LINES).map((change) => {
    const told = `${naming.name(change.client)} → ${speakFunctions(change, naming)} ${speakFor(change, naming)}`;
    return `${style.sign(PERMISSION_SIGNS[change.effect])} ${told}${beside(speakPermissionCause(change))}`;
  });
  const changes = plan.changes.slice(0, MOST_LINES).map((change) => {
    const paths = pathsOf(change).map((path) => speakPath(path, naming, { renames }));
    const told = paths.length === 0 ? '' : `: ${speakPaths(paths)}`;
    return `${style.sign(SIGNS[change.action])} ${speakHead(change, naming)}${told}${beside(placeOf(change, context))}`;
  });
  const lines = [...access, ...released, ...opened, ...permissions, ...changes].slice(0, MOST_LINES);
  const told = [plan.access, plan.released, uses, plan.permissions, plan.changes];
  const hidden = told.reduce((sum, { length }) => sum + length, 0) - lines.length;
  if (hidden > 0) lines.push(`… and ${hidden} more`);
  // Never cut: each of them keeps the plan from being applied.
  const held = unapproved(plan.risks).map((risk) => {
    const summary = escapeControls(cut(risk.summary, BRIEF.line));
    return `${style.sign('✗')} ${summary}${risk.approvable ? beside(`charter approve ${speakApproval(risk)}${options.store ?? ''}`) : ''}`;
  });
  return `${[...lines, ...held, summaryLine(plan)].join('\n')}\n`;
}

function pathsOf(change: Change): readonly PathChange[] {
  return change.action === 'update' || change.action === 'move' ? change.paths : [];
}

/** The one path that changed, with what became of it; of several, their names. */
function speakPaths(spoken: readonly ReturnType<typeof speakPath>[]): string {
  const [only] = spoken;
  if (only === undefined || spoken.length > 1) return spoken.map(({ name }) => name).join(', ');
  // A list says itself what joined and what left; a key that came or went as a whole says it here, in the same form.
  return `${only.name} ${only.sign === '~' ? '' : `${only.sign} `}${only.value}`;
}
