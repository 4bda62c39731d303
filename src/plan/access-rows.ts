// Owns the rows of a plan's access: one for each change, or one for many in numbers. Never puts them under headings
// (text-access.ts does).

import type { Address } from '../model/address.ts';
import { count } from '../model/count.ts';
import { formatPlace } from '../model/origin.ts';
import { speakLoss, speakTarget, speakUsers, speakVia } from './access-words.ts';
import type { Line } from './columns.ts';
import { groupBy } from './group.ts';
import { isLostNow, targetOf } from './holding.ts';
import { BRIEF } from './limits.ts';
import type { Naming } from './naming.ts';
import type { AccessChange } from './plan.ts';
import { columnWidth, escapeControls, pad, type Sign } from './style.ts';
import type { Telling } from './telling.ts';
import { formerPlace } from './text-change.ts';
import type { Places } from './text-changes.ts';
import { type Impacts, speakLosing } from './text-impact.ts';

const WIDEST_NAME = 40;

export const EFFECT_SIGNS = { grant: '+', revoke: '-' } as const satisfies Record<AccessChange['effect'], Sign>;

/** `client` or `audience` is empty where a heading says it. */
export interface Row {
  readonly sign: Sign;
  readonly client: string;
  readonly audience: string;
  readonly reason: string;
  readonly place: string;
  /** Its left side is not the client but users of it. */
  readonly isUsers?: true;
  /** Said below it. */
  readonly below?: string;
}

/** More than `most` of one effect and sort in numbers, and before the rest. */
export function rowsOf(
  changes: readonly AccessChange[],
  most: number,
  telling: Telling,
  impacts: Impacts,
): { rows: Row[]; cut: boolean } {
  const sortOf = ({ effect, scope, users }: AccessChange) =>
    [effect, scope === undefined ? 'audience' : 'scope', users === undefined ? 'client' : 'users'].join(' ');
  const sorts = groupBy(changes, sortOf);
  const many = [...sorts.values()].filter((sort) => sort.length > most);
  const numbered = new Set(many.flat());
  const single = changes.filter((change) => !numbered.has(change));
  const rows = [...many.flatMap((sort) => numberRows(sort, telling)), ...singleRows(single, telling, impacts)];
  return { rows, cut: many.length > 0 };
}

function singleRows(changes: readonly AccessChange[], { naming, places, limits }: Telling, impacts: Impacts): Row[] {
  const audienceOf = audienceNames(changes, naming);
  const clientOf = clientNames(changes, naming);
  const lastLoss = new Map(changes.filter(isLostNow).map((change) => [change.client, change]));
  return changes.map((change) => {
    const below = lastLoss.get(change.client) === change ? speakLosing(change.client, impacts) : '';
    return {
      sign: EFFECT_SIGNS[change.effect],
      client: change.users === undefined ? clientOf(change) : speakUsers(change.users, naming),
      ...(change.users === undefined ? {} : { isUsers: true as const }),
      audience: audienceOf(change),
      ...reasonOf(change, naming, places, limits),
      ...(below === '' ? {} : { below }),
    };
  });
}

/** What is told beside one change: of a grant its chain, of a revoke why, in words; and the line that did it. */
export function reasonOf(
  change: AccessChange,
  naming: Naming,
  places: Places,
  limits = BRIEF,
): { reason: string; place: string } {
  const reason = change.effect === 'revoke' ? speakLoss(change, naming) : speakVia(change, naming, limits);
  return { reason, place: speakCause(change, places) };
}

/** Where the causing link is written; of one that is gone, where it was. */
export function speakCause({ effect, held, cause }: AccessChange, { afterOrigins }: Places): string {
  const { place, range, ended, removed } = cause;
  if (range === undefined) return '';
  const there = afterOrigins.get(place.address)?.(place.pointer);
  if (ended) return escapeControls(formatPlace(range));
  const isThere =
    there?.file === range.file && there.start.line === range.start.line && there.start.column === range.start.column;
  // What stands in a list where an entry was is another entry.
  const isEntry = /\/\d+$/.test(place.pointer);
  const wasHeld = held.chain.some(({ at }) => at.address === place.address && at.pointer === place.pointer);
  if (removed || (effect === 'revoke' && (!isThere || (isEntry && wasHeld)))) return formerPlace(range);
  return escapeControls(formatPlace(range));
}

/** Applications and scopes by name; applications by client_id as well where one name stands for two of them. */
export function audienceNames(changes: readonly AccessChange[], naming: Naming): (change: AccessChange) => string {
  const pair = ({ client, held }: AccessChange) => `${client} ${held.application}`;
  const named = identified(
    changes.filter(({ audience }) => audience !== undefined),
    pair,
    ({ audience = '' }) => audience,
  );
  return (change) => {
    if (change.audience === undefined) return speakTarget(targetOf(change), naming);
    return named(change, naming.name(change.held.application));
  };
}

/** Clients by name; by client_id as well where it changes. */
export function clientNames(changes: readonly AccessChange[], naming: Naming): (change: AccessChange) => string {
  const named = identified(
    changes,
    ({ client }) => client,
    ({ client_id }) => client_id,
  );
  return (change) => named(change, naming.name(change.client));
}

/** A name, with the identifier as well where it stands for several of them. */
function identified(
  changes: readonly AccessChange[],
  keyOf: (change: AccessChange) => string,
  identifierOf: (change: AccessChange) => string,
): (change: AccessChange, name: string) => string {
  const known = new Map<string, Set<string>>();
  for (const change of changes) {
    const key = keyOf(change);
    known.set(key, (known.get(key) ?? new Set()).add(identifierOf(change)));
  }
  return (change, name) =>
    (known.get(keyOf(change))?.size ?? 0) > 1 ? `${name} (${escapeControls(identifierOf(change))})` : name;
}

/** Of one effect and sort: by client or by what they hold, whichever are fewer. */
function numberRows(changes: readonly AccessChange[], telling: Telling): Row[] {
  const ofUsers = changes.some(({ users }) => users !== undefined);
  return ofUsers ? userNumberRows(changes, telling) : clientNumberRows(changes, telling);
}

/** Of users by what they hold: how many they are, and through which groups. */
function userNumberRows(changes: readonly AccessChange[], { naming, limits }: Telling): Row[] {
  const targets = [...groupBy(changes, targetOf)];
  const rows = targets.slice(0, limits.groups).map(([target, members]): Row => {
    const told = members.flatMap(({ users }) => users ?? []);
    const all = new Set(told.flatMap(({ users }) => users));
    const groups = [...new Set(told.flatMap(({ through }) => (through === undefined ? [] : [naming.name(through)])))];
    const hidden = groups.length - limits.named;
    return {
      sign: EFFECT_SIGNS[(members[0] as AccessChange).effect],
      client: count(all.size, 'user'),
      audience: speakTarget(target, naming),
      reason: [...groups.slice(0, limits.named), ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join(', '),
      place: '',
    };
  });
  const hidden = targets.slice(limits.groups);
  if (hidden.length === 0) return rows;
  const total = hidden.reduce((sum, [, members]) => sum + members.length, 0);
  const sign = EFFECT_SIGNS[(changes[0] as AccessChange).effect];
  return [
    ...rows,
    { sign, client: `… and ${count(hidden.length, 'more target')}`, audience: '', reason: `${total} more`, place: '' },
  ];
}

function clientNumberRows(changes: readonly AccessChange[], { naming, limits }: Telling): Row[] {
  const clients = groupBy(changes, ({ client }) => client);
  const targets = groupBy(changes, targetOf);
  const byClient = clients.size <= targets.size;
  const groups: (readonly [Address, readonly AccessChange[]])[] = [...(byClient ? clients : targets)];
  const { effect, scope } = changes[0] as AccessChange;
  const sign = EFFECT_SIGNS[effect];
  const held = scope === undefined ? 'application' : 'scope';
  const rows = groups.slice(0, limits.groups).map(([address, members]): Row => {
    const others = [...new Set(members.map((change) => naming.name(byClient ? targetOf(change) : change.client)))];
    const amount = count(others.length, byClient ? held : 'client');
    const hidden = others.length - limits.named;
    const reason = [...others.slice(0, limits.named), ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join(', ');
    const one = speakTarget(address, naming);
    return { sign, client: byClient ? one : amount, audience: byClient ? amount : one, reason, place: '' };
  });
  const hidden = groups.slice(limits.groups);
  if (hidden.length > 0) {
    const total = hidden.reduce((sum, [, members]) => sum + members.length, 0);
    const client = `… and ${count(hidden.length, `more ${byClient ? 'client' : held}`)}`;
    rows.push({ sign, client, audience: '', reason: `${total} more`, place: '' });
  }
  return rows;
}

/** The rows in columns of their own, set in by `indent`. */
export function linesOf(rows: readonly Row[], indent: number): Line[] {
  const isWhole = ({ client, audience }: Row) => client !== '' && audience !== '';
  const width = (texts: readonly string[]) => columnWidth(texts, WIDEST_NAME);
  const whole = rows.filter(isWhole);
  const clientWidth = width(whole.map(({ client }) => client));
  const audienceWidth = width(whole.map(({ audience }) => audience));
  const onlyWidth = whole.length > 0 ? 0 : width(rows.map(({ client, audience }) => `${client}${audience}`));
  return rows.flatMap((row): Line[] => {
    const { sign, client, audience, reason, place, below } = row;
    const left = isWhole(row)
      ? `${pad(client, clientWidth)} → ${pad(audience, audienceWidth)}`
      : pad(`${client}${audience}`, onlyWidth);
    const line: Line = { indent, sign, text: `${left}     ${reason}`, place };
    return below === undefined ? [line] : [line, { indent: indent + 4, text: below, tone: 'caution' }];
  });
}
