// Owns what is told beside the members of one change: that it is no move though it was meant as one, that tokens call a
// moved user otherwise, whom a client with another secret reaches. Never tells a member.

import { type Address, qualifiedName, siteOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import { parseInstant } from '../model/duration.ts';
import type { Link } from '../model/entity.ts';
import type { Move } from '../model/move.ts';
import { formatPlace } from '../model/origin.ts';
import { type Circumstances, isOfCertificate, isSecret } from './circumstances.ts';
import type { Line } from './columns.ts';
import type { Naming } from './naming.ts';
import type { Change } from './plan.ts';
import { type KnownEntity, membersOf } from './read-plan.ts';
import { escapeControls } from './style.ts';
import type { Telling } from './telling.ts';

/** As many are called by name. */
const MOST_NAMED = 3;

/** Below the members of a change, set in as they are. */
export function asideLines(change: Change<KnownEntity>, { naming, places }: Telling): readonly Line[] {
  const circumstances = places.circumstances ?? {};
  const told = [
    ...(change.action === 'create' ? misnamed(change.address, circumstances, naming) : []),
    ...(change.action === 'delete' ? taken(change.address, circumstances, naming) : []),
    ...(change.action === 'move' ? renamed(change, circumstances, naming) : []),
    ...restrictedReach(change, circumstances, naming),
  ];
  return told.map((text) => ({ indent: 6, text, tone: 'caution' }));
}

/** What is new though an entry says that it was moved: what it calls the old one was not there. */
function misnamed(address: Address, circumstances: Circumstances, naming: Naming): readonly string[] {
  const one = circumstances.misnamed?.get(address);
  if (one === undefined) return [];
  const { move, meant } = one;
  const called = (name: Address) => calledBeside(address, name, naming);
  const guess = meant === undefined ? '' : `; did you mean ${called(meant)}?`;
  return [`not moved: nothing was called ${called(move.from)}, as moved says${placeOf(move)}${guess}`];
}

/** What is deleted though an entry says that it was moved: the new name is that of something else. */
function taken(address: Address, circumstances: Circumstances, naming: Naming): readonly string[] {
  const one = circumstances.taken?.get(address);
  if (one === undefined) return [];
  const { move, former } = one;
  const called = (name: Address) => calledBeside(address, name, naming);
  const to = called(move.to);
  const why = former === undefined ? `${to} was there before as well` : `${to} is what was ${called(former)}`;
  return [`not moved to ${to}, as moved says${placeOf(move)}: ${why}`];
}

/** In the text: the line is too long for a column of places. */
function placeOf({ range }: Move): string {
  return range === undefined ? '' : ` (${escapeControls(formatPlace(range))})`;
}

/** The claim `impersonates` is the name of the user: who checks tokens meets another one. */
function renamed(
  { from, address, after }: Extract<Change<KnownEntity>, { action: 'move' }>,
  { now }: Circumstances,
  naming: Naming,
): readonly string[] {
  const user = membersOf(after);
  if (user.kind !== 'user') return [];
  const clients = (user.impersonated_by ?? []).filter((link) => lasts(link, now)).map(({ to }) => to);
  if (clients.length === 0) return [];
  const [was, is] = [from, address].map((one) => escapeControls(qualifiedName(one)));
  const whose = named(clients, 'client', (one) => calledBeside(address, one, naming));
  return [`tokens of ${whose} say impersonates: ${is} instead of ${was}`];
}

function lasts({ expires }: Link, now: number | undefined): boolean {
  const end = expires === undefined ? undefined : parseInstant(expires);
  return end === undefined || now === undefined || end > now;
}

/** Of a client with another secret, or other keys: what whoever holds it comes to. */
function restrictedReach(
  change: Change<KnownEntity>,
  { restricted }: Circumstances,
  naming: Naming,
): readonly string[] {
  const client = change.address;
  const reached = restricted?.get(client) ?? [];
  if (reached.length === 0) return [];
  const servers = named(reached, 'application', (one) => calledBeside(client, one, naming));
  const marked = reached.length > MOST_NAMED ? servers.replace(' ', ' restricted ') : `the restricted ${servers}`;
  const pointers = 'paths' in change ? change.paths.map(({ pointer }) => pointer) : [];
  const what = pointers.some(isSecret) ? 'secret' : pointers.some(isOfCertificate) ? 'certificate' : 'key';
  return [`${what} of a client that reaches ${marked}`];
}

function named(addresses: readonly Address[], noun: string, called: (address: Address) => string): string {
  return addresses.length > MOST_NAMED ? count(addresses.length, noun) : addresses.map(called).join(', ');
}

/** With its site where that is another one than the change's, which the plan may not show at all. */
function calledBeside(change: Address, address: Address, naming: Naming): string {
  return siteOf(address) === siteOf(change) ? naming.name(address) : escapeControls(qualifiedName(address));
}
