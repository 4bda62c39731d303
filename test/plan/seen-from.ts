// Owns how an access change looks to who calls from one address: where a row is about addresses, it is one for some and none for
// others. Never asks about access.

import { inBlocks, type Networks } from '../../src/model/network.ts';
import type { State } from '../../src/model/state.ts';
import type { AccessChange } from '../../src/plan/plan.ts';

/** Addresses in and out of the blocks of random States; undefined is one that nobody knows. */
export const CALLERS = [undefined, '10.1.1.1', '192.168.1.1', '2001:db8::1', '203.0.113.9'] as const;

/** All of them, or one where the States say nothing of addresses. */
export function callersOf(...states: readonly State[]): readonly (string | undefined)[] {
  const saysOf = (state: State) => /"(?:ip|client_ip_range)":/.test(JSON.stringify([...state.values()]));
  return states.some(saysOf) ? CALLERS : [undefined];
}

/** From when until when and what the other side has, as `naiveChanges` says it; undefined where it is no change from there. */
export function seenFrom({ held, from, otherwise }: AccessChange, ip: string | undefined): string | undefined {
  const includes = (networks: readonly Networks[] = []) =>
    ip === undefined || networks.every((blocks) => inBlocks(ip, blocks));
  if (!includes(held.networks)) return undefined;
  const span = [from ?? Number.NEGATIVE_INFINITY, held.until ?? Number.POSITIVE_INFINITY] as const;
  if (otherwise === undefined || !includes(otherwise.networks)) return `${span.join(' ')} never`;
  const other = [otherwise.from ?? Number.NEGATIVE_INFINITY, otherwise.until ?? Number.POSITIVE_INFINITY] as const;
  return span[0] >= other[0] && span[1] <= other[1] ? undefined : `${span.join(' ')} ${other}`;
}

/** Whether somebody may be let in by an address only for some of the time: a row then says of it that it is always so. */
export function mixesNetworks(state: State): boolean {
  return [...state.values()].some(
    (entity) =>
      entity.kind === 'application' &&
      entity.access_rules !== undefined &&
      'any' in entity.access_rules &&
      new Set(entity.access_rules.any.map((rule) => 'ip' in rule)).size > 1,
  );
}
