// Owns which part of a picture one answer goes through. Never decides the answer, and never draws.

import type { Place } from '../access/decision.ts';
import type { Address } from '../model/address.ts';
import { linkKey, linkOfStep } from './graph.ts';
import type { GraphAnswer } from './graph-answer.ts';
import { speak, stepWords } from './graph-words.ts';
import type { Picture } from './picture.ts';

export interface Highlight {
  readonly answer: GraphAnswer;
  /** Ids of nodes and edges that the answer goes through. */
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
  /** Of a no: the node at which the missing link should be written, where one has the place, and what is not reached. */
  readonly missing: ReadonlySet<string>;
  /** Lines that only the answer has: memberships in a built-in group, and what was refused. */
  readonly added: readonly {
    readonly from: string;
    readonly to: string;
    readonly words: string;
    readonly refused: boolean;
  }[];
}

export function highlightOf(picture: Picture, answer: GraphAnswer): Highlight {
  const { asker, target, steps, refusal } = answer;
  const idOf = (address: (typeof steps)[number]['from']) => picture.nodeOf.get(address)?.id;
  const nodes = new Set<string>();
  const edges = new Set<string>();
  const added: Highlight['added'][number][] = [];
  const touch = (id: string | undefined) => {
    if (id !== undefined) nodes.add(id);
  };
  for (const one of [asker.client, asker.user, target]) if (one !== undefined) touch(idOf(one));
  for (const step of steps) {
    touch(idOf(step.from));
    touch(idOf(step.to));
    const link = linkOfStep(step);
    if (link === undefined) continue;
    const edge = picture.edgeOf.get(linkKey(link));
    const [from, to] = [idOf(link.from), idOf(link.to)];
    if (edge !== undefined) edges.add(edge.id);
    else if (from !== undefined && to !== undefined && from !== to) {
      added.push({ from, to, words: link.relation === 'member_of' ? 'is in' : stepWords(step), refused: false });
    }
  }
  const [from, to] = [idOf(asker.user ?? asker.client), idOf(target)];
  if (refusal !== undefined && from !== undefined && to !== undefined && from !== to) {
    added.push({ from, to, words: refusal.code, refused: true });
  }
  const lacking = refusal === undefined ? [] : [missingIn(answer, (address) => idOf(address) !== undefined), target];
  const missing = lacking.flatMap((address) => idOf(address) ?? []);
  return { answer, nodes, edges, missing: new Set(missing), added };
}

/** At what of a picture the missing link should be written: a site and a method are none, and it is for the client that they count. */
export function missingIn({ asker, refusal }: GraphAnswer, isDrawn: (address: Address) => boolean): Address {
  const address = refusal?.missing?.address;
  return address !== undefined && isDrawn(address) ? address : asker.client;
}

/** `NOT_IN_ALLOWED_GROUP: No group … (allowed_to of Payments/ledger-api)`; empty for a yes. */
export function refusalWords({ refusal }: GraphAnswer): string {
  if (refusal === undefined) return '';
  const { code, sentence, missing } = refusal;
  return `${code}: ${sentence}${missing === undefined ? '' : ` (${placeWords(missing)})`}`;
}

/** `allowed_to of Payments/ledger-api`; of an entity as a whole only which it is. */
export function placeWords({ address, pointer }: Place): string {
  const member = pointer
    .slice(1)
    .replace(/\/\d+$/, '')
    .replaceAll('/', '.');
  return `${member === '' ? '' : `${member} of `}${speak(address)}`;
}
