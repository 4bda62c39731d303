// Owns how a change of permissions reads: which functions, for which customer, and for whom. Never computes one.

import { count } from '../model/count.ts';
import { speakUsers } from './access-words.ts';
import { BRIEF, type Limits } from './limits.ts';
import type { Naming } from './naming.ts';
import { speakInstant } from './period-words.ts';
import type { PermissionChange } from './plan.ts';
import { cut, escapeControls } from './style.ts';

/** `Portal may use viewStore for mycustomer for Staff (2 users), by DATASTORE-VIEWER`. */
export function speakPermissionChange(change: PermissionChange, naming: Naming): string {
  const verb = change.effect === 'grant' ? 'may use' : 'may no longer use';
  return `${naming.name(change.client)} ${verb} ${speakFunctions(change, naming)} ${speakFor(change, naming)}`;
}

/** `viewStore, listStores for mycustomer` */
export function speakFunctions(
  { functions, customer }: PermissionChange,
  naming: Naming,
  limits: Limits = BRIEF,
): string {
  const shown = functions.slice(0, limits.items).map((name) => escapeControls(cut(name, limits.value)));
  const hidden = functions.length - shown.length;
  const told = [...shown, ...(hidden > 0 ? [`… and ${count(hidden, 'more function')}`] : [])].join(', ');
  return customer === undefined ? told : `${told} for ${naming.name(customer)}`;
}

/** `for Staff (2 users), by DATASTORE-VIEWER, until 2027-01-31`; where a client acts by itself `as itself, by …`. */
export function speakFor(change: PermissionChange, naming: Naming): string {
  const { users, as, role, until, otherwise, effect } = change;
  const who =
    users === undefined
      ? `as ${as === undefined ? 'itself' : naming.name(as)}`
      : `for ${speakUsers({ through: users.through, users: users.users }, naming)}`;
  const end = (at: number | undefined) =>
    at === undefined || !Number.isFinite(at) ? 'without end' : `until ${speakInstant(at)}`;
  const [now, was] = effect === 'grant' ? [until, otherwise] : [otherwise, until];
  const times = otherwise === undefined ? (until === undefined ? [] : [end(until)]) : [`${end(now)} (was ${end(was)})`];
  return [who, `by ${naming.name(role)}`, ...times].join(', ');
}
