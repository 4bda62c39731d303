// Owns in which groups a user is, through which memberships, and for how long at most. Never knows what time it is: the
// chain that lasts longest is there whenever any chain is, so one chain for each group answers for every instant.

import { everyoneOf, type GroupAddress, siteOf, type UserAddress } from '../model/address.ts';
import { type Backlink, type Backlinks, linksTo } from './backlinks.ts';
import type { Step } from './decision.ts';

/** How a user is in a group: the last link of the chain, and the chain that it goes on from. */
export interface Membership {
  /** The user, or the group before. */
  readonly member: UserAddress | GroupAddress;
  readonly link: Backlink<GroupAddress>;
  readonly from: Membership | undefined;
  /** When the first link of the chain ends. */
  readonly end: number;
  /** How many links there are. */
  readonly length: number;
}

/** In place of a position: nobody wrote that a user is in the built-in group of its site. */
const BUILT_IN = -1;

/**
 * Every group that the user is in at any time, each by the chain that lasts longest; of those that last alike, by the
 * shortest that goes on from such a chain. Costs what Dijkstra's algorithm does, with the first end as the width of a way.
 */
export function membershipsOf(
  user: UserAddress,
  links: Backlinks<GroupAddress>,
): ReadonlyMap<GroupAddress, Membership> {
  const reached = new Map<GroupAddress, Membership>();
  const waiting = queueOf();
  const follow = (member: UserAddress | GroupAddress, from: Membership | undefined) => {
    for (const link of linksTo(links, member)) {
      if (reached.has(link.holder)) continue;
      const end = Math.min(link.end, from?.end ?? Number.POSITIVE_INFINITY);
      waiting.add({ member, link, from, end, length: (from?.length ?? 0) + 1 });
    }
  };
  follow(user, undefined);
  const everyone = everyoneOf(siteOf(user) ?? '');
  const link = { holder: everyone, position: BUILT_IN, end: Number.POSITIVE_INFINITY };
  waiting.add({ member: user, link, from: undefined, end: link.end, length: 1 });
  for (let next = waiting.take(); next !== undefined; next = waiting.take()) {
    const group = next.link.holder;
    if (reached.has(group)) continue;
    reached.set(group, next);
    follow(group, next);
  }
  return reached;
}

/** A membership and those that it goes on from, from the user on: one for each link. */
export function chainOf(membership: Membership | undefined): readonly Membership[] {
  const chain: Membership[] = [];
  for (let at = membership; at !== undefined; at = at.from) chain.push(at);
  return chain.reverse();
}

/** The last link of a membership, as answers tell it. */
export function membershipStep({ member, link: { holder, position } }: Membership): Step {
  const at =
    position === BUILT_IN ? { address: member, pointer: '' } : { address: holder, pointer: `/members/${position}` };
  return { relation: 'member_of', from: member, to: holder, at };
}

/** How long a way lasts and how long it is. */
export type Way = Pick<Membership, 'end' | 'length'>;

/** Below zero where the first is the better way: it lasts longer, or as long and is shorter. */
export function compareWays(a: Way, b: Way): number {
  // Not by subtraction: two infinite ends have no difference.
  if (a.end !== b.end) return a.end > b.end ? -1 : 1;
  return a.length - b.length;
}

interface Queue {
  add(membership: Membership): void;
  /** The best way, of equal ones that which came first; undefined when none is left. */
  take(): Membership | undefined;
}

/** A binary heap: the parent of the entry at n stands at (n - 1) / 2 and comes before it. */
function queueOf(): Queue {
  const heap: { readonly membership: Membership; readonly turn: number }[] = [];
  let turns = 0;
  const isBefore = (a: number, b: number): boolean => {
    const [first, second] = [heap[a], heap[b]];
    if (first === undefined || second === undefined) return first !== undefined;
    return (compareWays(first.membership, second.membership) || first.turn - second.turn) < 0;
  };
  const swap = (a: number, b: number) => {
    const [first, second] = [heap[a], heap[b]];
    if (first === undefined || second === undefined) return;
    heap[a] = second;
    heap[b] = first;
  };
  return {
    add(membership) {
      let at = heap.push({ membership, turn: turns++ }) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && isBefore(at, parent); parent = (at - 1) >> 1) {
        swap(at, parent);
        at = parent;
      }
    },
    take() {
      swap(0, heap.length - 1);
      const best = heap.pop();
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        const child = isBefore(left + 1, left) ? left + 1 : left;
        if (!isBefore(child, at)) return best?.membership;
        swap(child, at);
        at = child;
      }
    },
  };
}
