// Owns what a candidate for an edit is, and those that several obstacles have in common: a value more in a list, an end
// taken away, a method listed. Never says which obstacle asks for which (edit-candidates.ts, gate-candidates.ts).

import type { AccessIndex } from '../access/access-index.ts';
import {
  type Address,
  type ApplicationAddress,
  type GroupAddress,
  kindOf,
  methodAddress,
  type UserAddress,
} from '../model/address.ts';
import { isAddress } from '../model/network.ts';
import { type Edit, linkAt, valueAt } from './edit.ts';

/** What is asked, as far as edits look at it. */
export interface Wanted {
  readonly client: ApplicationAddress;
  readonly grant_type: string;
  readonly ip: string | undefined;
  readonly method: string | undefined;
  /** The value that the client may not ask for, where that is the obstacle. */
  readonly stranger: string | undefined;
}

export interface Candidate {
  readonly edit: Edit;
  /** How much an edit gives besides what is asked, and to how many: the order in which alternatives are told. */
  readonly surprise: number;
}

/** A membership before opening an application, before a method, before another user, before what concerns everybody. */
export const SURPRISE = {
  end: 0,
  named: 5,
  membership: 10,
  enable: 15,
  opening: 20,
  method: 30,
  methodOnSite: 35,
  methodOnGroup: 40,
  otherUser: 50,
  newOpening: 60,
  item: 70,
  everybody: 100,
} as const;

/** From here on an edit gives to people whom nobody asked about. */
export function isForEverybody({ surprise }: Candidate): boolean {
  return surprise >= SURPRISE.everybody;
}

/** As many of one sort are tried: of a thousand groups the rest is no help. */
export const MOST = 12;

export function add(
  address: Address,
  pointer: string,
  value: Extract<Edit, { op: 'add' }>['value'],
  surprise: number,
): Candidate {
  return { edit: { op: 'add', address, pointer, value }, surprise };
}

/** What is off, has ended or has not begun. */
export function endedAt(index: AccessIndex, address: Address, pointer: string): readonly Candidate[] {
  const entity = index.state.get(address);
  if (pointer === '/enabled' || pointer === '/expires' || pointer === '/not_before') {
    if (valueAt(entity, pointer) === undefined) return [];
    const isOfMany = kindOf(address) === 'method';
    const surprise = pointer === '/enabled' ? (isOfMany ? SURPRISE.everybody : SURPRISE.enable) : SURPRISE.end;
    return [{ edit: { op: 'remove', address, pointer }, surprise }];
  }
  const link = linkAt(entity, pointer);
  if (link?.expires === undefined) return [];
  return [{ edit: { op: 'remove', address, pointer: `${pointer}/expires` }, surprise: SURPRISE.end }];
}

export function addressCandidates(address: Address, pointer: string, ip: string | undefined): readonly Candidate[] {
  return ip === undefined || !isAddress(ip) ? [] : [add(address, pointer, ip, SURPRISE.named)];
}

export function listMethod(
  index: AccessIndex,
  address: Address,
  names: readonly string[],
  surprise: number,
): readonly Candidate[] {
  const entity = index.state.get(address);
  const listed = (valueAt(entity, '/methods') ?? []) as readonly string[];
  return names
    .filter((name) => !listed.includes(name) && index.state.has(methodAddress(name)))
    .slice(0, MOST)
    .map((name, position) => add(address, '/methods', name, surprise + position / MOST));
}

export function join(index: AccessIndex, group: GroupAddress, user: UserAddress): readonly Candidate[] {
  const members = index.group(group)?.members ?? [];
  const position = members.findIndex(({ to }) => to === user);
  if (position < 0) return [add(group, '/members', { to: user }, SURPRISE.membership)];
  return endedAt(index, group, `/members/${position}`);
}
