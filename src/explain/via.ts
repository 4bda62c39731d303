// Owns how access reads in one phrase: as whom, through which groups, until when. Never tells single links.

import type { Step } from '../access/decision.ts';
import type { Networks } from '../model/network.ts';
import { speakNetworks } from '../plan/access-words.ts';
import type { Naming } from '../plan/naming.ts';
import { speakInstant } from '../plan/period-words.ts';
import { groupWords } from './edit.ts';

/** A longer way is told by its ends. */
const MOST_GROUPS = 4;

/** `as User1, through Group1 → Group2, until 2027-01-31, only from 192.0.2.0/24`; `itself` where no user is behind the client. */
export function viaWords(
  chain: readonly Step[],
  until: number | undefined,
  networks: readonly Networks[] | undefined,
  naming: Naming,
): string {
  const user = chain.find(({ relation }) => relation === 'impersonates')?.to;
  const who = user === undefined ? 'as itself' : `as ${naming.name(user)}`;
  return [who, ...throughWords(chain, naming), ...untilWords(until), ...fromWords(networks)].join(', ');
}

/** The groups of a chain, from the inmost to the one that opens what it leads to: not those that open the client to a user. */
export function throughWords(chain: readonly Step[], naming: Naming): readonly string[] {
  const last = chain.findLastIndex(({ relation }) => relation === 'open_to');
  // Where no group opens it, those by which the user has the role that is required.
  const opening = last < 0 ? chain.length - 1 : last;
  const isGate = ({ relation }: Step) => relation === 'open_to' || relation === 'requires';
  const before = chain.slice(0, Math.max(0, last)).findLastIndex(isGate);
  const groups = chain
    .slice(before + 1, opening + 1)
    .flatMap(({ relation, to }) => (relation === 'member_of' || relation === 'open_to' ? [to] : []));
  const names = [...new Set(groups)].map((group) => groupWords(group, naming));
  if (names.length === 0) return [];
  const told = names.length > MOST_GROUPS ? [names[0], '…', names.at(-1)] : names;
  return [`through ${told.join(' → ')}`];
}

/** Of a token that is bound to where its user let the client act. */
export const BOUND = "only for the user agent's own address";

/** Nothing where it is from anywhere. */
export function fromWords(networks: readonly Networks[] | undefined): readonly string[] {
  return networks === undefined ? [] : [`only ${speakNetworks(networks)}`];
}

export function untilWords(until: number | undefined): readonly string[] {
  return until === undefined ? [] : [`until ${speakInstant(until)}`];
}
