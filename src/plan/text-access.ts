// Owns the access half of a plan's text: one line for each audience or scope gained or lost, or numbers where they are many.
// Never tells entities.

import type { Address } from '../model/address.ts';
import { formatPlace } from '../model/origin.ts';
import { speakLoss, speakTarget, speakVia } from './access-words.ts';
import { groupBy } from './group.ts';
import { targetOf } from './holding.ts';
import type { Naming } from './naming.ts';
import type { AccessChange } from './plan.ts';
import { columnWidth, escapeControls, pad, type Sign, type Style, widthOf } from './style.ts';
import { PLACE_COLUMN, plural, type Rendered, WIDEST_LEFT } from './text-changes.ts';

/** More of one effect and sort than this are told by client or by what they hold, whichever are fewer. */
const MOST_SINGLE = 50;
const MOST_GROUPED = 20;
const MOST_NAMED = 3;
const WIDEST_NAME = 40;

export const EFFECT_SIGNS = { grant: '+', revoke: '-' } as const satisfies Record<AccessChange['effect'], Sign>;

export function renderAccess(changes: readonly AccessChange[], naming: Naming, style: Style): Rendered {
  const sorts = groupBy(changes, ({ effect, scope }) => `${effect} ${scope === undefined ? 'audience' : 'scope'}`);
  const many = [...sorts.values()].filter((sort) => sort.length > MOST_SINGLE);
  const grouped = new Set(many.flat());
  const single = changes.filter((change) => !grouped.has(change));
  const rows = [...many.flatMap((sort) => groupedRows(sort, naming)), ...singleRows(single, naming)];
  return { lines: layOut(rows, style), cut: many.length > 0 };
}

interface Row {
  readonly sign: Sign;
  readonly client: string;
  readonly audience: string;
  readonly reason: string;
  readonly place: string;
}

function singleRows(changes: readonly AccessChange[], naming: Naming): Row[] {
  const audienceOf = audienceNames(changes, naming);
  return changes.map((change) => ({
    sign: EFFECT_SIGNS[change.effect],
    client: naming.name(change.client),
    audience: audienceOf(change),
    ...reasonOf(change, naming),
  }));
}

/** What is told beside one change: of a grant its chain and the link that made it, of a revoke why, in words. */
export function reasonOf(change: AccessChange, naming: Naming): { reason: string; place: string } {
  if (change.effect === 'revoke') return { reason: speakLoss(change, naming), place: '' };
  const { range } = change.cause;
  return {
    reason: speakVia(change, naming),
    place: range === undefined ? '' : escapeControls(formatPlace(range)),
  };
}

/** Applications and scopes by name; applications by client_id as well where one name stands for two of them. */
export function audienceNames(changes: readonly AccessChange[], naming: Naming): (change: AccessChange) => string {
  const audiences = new Map<string, Set<string>>();
  const pair = ({ client, held }: AccessChange) => `${client} ${held.application}`;
  for (const change of changes) {
    if (change.audience === undefined) continue;
    audiences.set(pair(change), (audiences.get(pair(change)) ?? new Set()).add(change.audience));
  }
  return (change) => {
    if (change.audience === undefined) return speakTarget(targetOf(change), naming);
    const name = naming.name(change.held.application);
    return (audiences.get(pair(change))?.size ?? 0) > 1 ? `${name} (${escapeControls(change.audience)})` : name;
  };
}

function groupedRows(changes: readonly AccessChange[], naming: Naming): Row[] {
  const clients = groupBy(changes, ({ client }) => client);
  const targets = groupBy(changes, targetOf);
  const byClient = clients.size <= targets.size;
  const groups: (readonly [Address, readonly AccessChange[]])[] = [...(byClient ? clients : targets)];
  const { effect, scope } = changes[0] as AccessChange;
  const sign = EFFECT_SIGNS[effect];
  const held = scope === undefined ? 'application' : 'scope';
  const rows = groups.slice(0, MOST_GROUPED).map(([address, members]): Row => {
    const others = [...new Set(members.map((change) => naming.name(byClient ? targetOf(change) : change.client)))];
    const amount = `${others.length} ${plural(byClient ? held : 'client', others.length)}`;
    const hidden = others.length - MOST_NAMED;
    const reason = [...others.slice(0, MOST_NAMED), ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join(', ');
    const one = speakTarget(address, naming);
    return { sign, client: byClient ? one : amount, audience: byClient ? amount : one, reason, place: '' };
  });
  const hidden = groups.slice(MOST_GROUPED);
  if (hidden.length > 0) {
    const total = hidden.reduce((sum, [, members]) => sum + members.length, 0);
    const noun = plural(byClient ? 'client' : held, hidden.length);
    rows.push({
      sign,
      client: `… and ${hidden.length} more ${noun}`,
      audience: '',
      reason: `${total} more`,
      place: '',
    });
  }
  return rows;
}

function layOut(rows: readonly Row[], style: Style): string[] {
  const whole = rows.filter(({ audience }) => audience !== '');
  const clientWidth = columnWidth(
    whole.map(({ client }) => client),
    WIDEST_NAME,
  );
  const audienceWidth = columnWidth(
    whole.map(({ audience }) => audience),
    WIDEST_NAME,
  );
  const lefts = rows.map(({ client, audience, reason }) => {
    const arrow = audience === '' ? client : `${pad(client, clientWidth)} → ${pad(audience, audienceWidth)}`;
    return `${arrow}     ${reason}`;
  });
  const placed = lefts.filter((_, position) => rows[position]?.place);
  const width = Math.max(PLACE_COLUMN - 4, columnWidth(placed, WIDEST_LEFT) + 4);
  return rows.map(({ sign, place }, position) => {
    const left = lefts[position] ?? '';
    if (place === '') return `  ${style.sign(sign)} ${left}`;
    const gap = widthOf(left) + 2 > width ? `${left}  ` : pad(left, width);
    return `  ${style.sign(sign)} ${gap}${style.aside(place)}`;
  });
}
