// Owns the section of a plan's text that tells what becomes of permissions: a row for each client, what it may do and for whom, or
// numbers where that is too much. Never words a single change (permitted-words.ts does).

import { count } from '../model/count.ts';
import { formatPlace } from '../model/origin.ts';
import { type Line, layOut } from './columns.ts';
import { groupBy } from './group.ts';
import { speakFor, speakFunctions } from './permitted-words.ts';
import type { PermissionChange } from './plan.ts';
import { columnWidth, escapeControls, pad, type Sign } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import { formerPlace } from './text-change.ts';

const WIDEST_NAME = 40;

export const PERMISSION_SIGNS = { grant: '+', revoke: '-' } as const satisfies Record<PermissionChange['effect'], Sign>;

interface Row {
  readonly sign: Sign;
  readonly client: string;
  readonly functions: string;
  readonly whom: string;
  readonly place: string;
}

/** The lines below the heading `Permissions`; none where nothing changes. More than the limit of one effect in numbers, before the rest. */
export function renderPermissions(permissions: readonly PermissionChange[], telling: Telling): Rendered {
  const { limits, style } = telling;
  const effects = [...groupBy(permissions, ({ effect }) => effect).values()];
  const many = effects.filter(({ length }) => length > limits.single);
  const numbered = new Set(many.flat());
  const rows = [
    ...many.flatMap((changes) => numberRows(changes, telling)),
    ...permissions.filter((change) => !numbered.has(change)).map((change) => rowOf(change, telling)),
  ];
  return { lines: layOut(linesOf(rows), style, 4), cut: many.length > 0 };
}

function rowOf(change: PermissionChange, { naming, limits }: Telling): Row {
  return {
    sign: PERMISSION_SIGNS[change.effect],
    client: naming.name(change.client),
    functions: speakFunctions(change, naming, limits),
    whom: speakFor(change, naming),
    place: speakPermissionCause(change),
  };
}

/** Where the line is that did it; of one that is gone, where it was. */
export function speakPermissionCause({ cause: { range, removed } }: PermissionChange): string {
  if (range === undefined) return '';
  return removed === true ? formerPlace(range) : escapeControls(formatPlace(range));
}

/** Of one effect, by client. */
function numberRows(changes: readonly PermissionChange[], { naming, limits }: Telling): readonly Row[] {
  const groups = [...groupBy(changes, ({ client }) => client).values()];
  const sign = PERMISSION_SIGNS[(changes[0] as PermissionChange).effect];
  const rows = groups.slice(0, limits.groups).map((members): Row => {
    const { client } = members[0] as PermissionChange;
    const names = new Set(members.flatMap(({ functions }) => functions));
    const users = new Set(members.flatMap((one) => one.users?.users ?? []));
    const whom = users.size === 0 ? '' : `for ${count(users.size, 'user')}`;
    return { sign, client: naming.name(client), functions: count(names.size, 'function'), whom, place: '' };
  });
  const hidden = groups.slice(limits.groups);
  if (hidden.length === 0) return rows;
  const whom = `${hidden.flat().length} more`;
  return [...rows, { sign, client: `… and ${count(hidden.length, 'more client')}`, functions: '', whom, place: '' }];
}

function linesOf(rows: readonly Row[]): readonly Line[] {
  const width = (texts: readonly string[]) => columnWidth(texts, WIDEST_NAME);
  const whole = rows.filter(({ functions }) => functions !== '');
  const clientWidth = width(whole.map(({ client }) => client));
  const functionWidth = width(whole.map(({ functions }) => functions));
  return rows.map(({ sign, client, functions, whom, place }) => {
    const left = functions === '' ? client : `${pad(client, clientWidth)} → ${pad(functions, functionWidth)}`;
    return { indent: 2, sign, text: `${left}     ${whom}`, place };
  });
}
