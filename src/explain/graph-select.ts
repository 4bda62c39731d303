// Owns which part of the graph some clients rest on: what they may ask for, as whom, and through which groups. Never draws.

import { type Address, kindOf } from '../model/address.ts';
import type { AccessGraph, GraphLink } from './graph.ts';

/**
 * The clients, the users as whom they act, what they may ask for, the groups that each of these is open to, the way of the
 * users into those groups, and, for clients of `users`, all who are in the groups that let users in. With all links between.
 */
export function selectClients(
  graph: AccessGraph,
  clients: readonly Address[],
  /** The clients whose grants have a user that logs in: whoever is in their groups is part of the answer. */
  users: ReadonlySet<Address>,
  /** What is shown besides, whatever it is linked to. */
  also: readonly Address[] = [],
): AccessGraph {
  const outOf = byEnd(graph.links, 'from');
  const into = byEnd(graph.links, 'to');
  const chosen = new Set<Address>([...clients, ...also]);
  const reached = new Set<Address>(clients);
  const as = new Set<Address>();
  for (const client of clients) {
    for (const { relation, to } of outOf.get(client) ?? []) {
      if (relation === 'may_ask_for' || relation === 'may_use') reached.add(to);
      if (relation === 'impersonates') as.add(to);
    }
  }
  // A Set is walked to its end: with the resources that take tokens for what is asked for.
  for (const one of reached) {
    for (const { relation, to } of outOf.get(one) ?? []) if (relation === 'may_use') reached.add(to);
  }
  const doors = new Set<Address>();
  for (const one of reached) {
    for (const { relation, from } of into.get(one) ?? []) {
      if (isDoor(relation)) doors.add(from);
    }
  }
  const inside = closure(doors, (group) => membersOf(into.get(group)));
  const above = closure(as, (member) => (outOf.get(member) ?? []).filter(isMembership).map(({ to }) => to));
  for (const one of [...reached, ...as, ...doors]) chosen.add(one);
  for (const one of above) if (inside.has(one)) chosen.add(one);

  const open = new Set<Address>();
  for (const client of clients) {
    if (!users.has(client)) continue;
    for (const { relation, from } of into.get(client) ?? []) {
      if (isDoor(relation)) open.add(from);
    }
  }
  for (const one of closure(open, (group) => membersOf(into.get(group)))) chosen.add(one);
  return restrict(graph, chosen);
}

/** What is chosen and every link between. */
function restrict({ entities, links }: AccessGraph, chosen: ReadonlySet<Address>): AccessGraph {
  return {
    entities: new Map([...entities].filter(([address]) => chosen.has(address))),
    links: links.filter(({ from, to }) => chosen.has(from) && chosen.has(to)),
  };
}

function isDoor(relation: GraphLink['relation']): boolean {
  return relation === 'open_to' || relation === 'access_rule' || relation === 'requires';
}

/** Who is in a group, has a role, or holds it by another. */
function isMembership({ relation }: GraphLink): boolean {
  return relation === 'member_of' || relation === 'has_role' || relation === 'contains';
}

function membersOf(links: readonly GraphLink[] | undefined): readonly Address[] {
  return (links ?? []).filter(isMembership).map(({ from }) => from);
}

function byEnd(links: readonly GraphLink[], end: 'from' | 'to'): ReadonlyMap<Address, readonly GraphLink[]> {
  const table = new Map<Address, GraphLink[]>();
  for (const link of links) {
    const list = table.get(link[end]);
    if (list === undefined) table.set(link[end], [link]);
    else list.push(link);
  }
  return table;
}

/** All that is reached from the first ones, themselves included. */
function closure(first: Iterable<Address>, next: (one: Address) => readonly Address[]): ReadonlySet<Address> {
  const seen = new Set(first);
  // A Set goes on with what is added while it is walked.
  for (const one of seen) {
    if (kindOf(one) === 'scope') continue;
    for (const other of next(one)) seen.add(other);
  }
  return seen;
}
