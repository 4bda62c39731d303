// Owns when so much goes at once that somebody has to look: a kind of a site emptied, or deletes over the threshold. Never
// approves any.

import { type Address, kindOf, nameOf, siteOf } from '../model/address.ts';
import { count, plural } from '../model/count.ts';
import { deletesThreshold } from '../model/settings.ts';
import { type State, serverOf } from '../model/state.ts';
import { type Gone, goneContent } from './gone.ts';
import { groupBy } from './group.ts';
import { formerNames } from './moves.ts';
import type { Risk } from './plan.ts';
import { type Judged, NO_SITE, risk } from './risk.ts';

/**
 * By site and kind: everything that was there is deleted, or more than the threshold gone. What was emptied is told as
 * that. Of a site that is only called otherwise nothing is lost with its name.
 */
export function massDeletes({ before, after, changes }: Judged, all: readonly Gone[]): readonly Risk[] {
  const renamed = new Set([...formerNames(changes).values()].map(siteOf));
  const lossy = new Set(all.filter(({ before: { kind } }) => kind !== 'site').map(({ address }) => siteOf(address)));
  const counted = all.filter(
    ({ address, before: { kind } }) => kind !== 'site' || !renamed.has(nameOf(address)) || lossy.has(nameOf(address)),
  );
  const gone = groupBy(counted, ({ address }) => sortOf(address));
  const present = countPresent(before, gone);
  const thresholds = [serverOf(before), serverOf(after)].map(deletesThreshold);
  const emptied = new Map<string, Gone[]>();
  const over = new Map<string, Gone[]>();
  for (const [sort, some] of gone) {
    const total = present.get(sort) ?? 0;
    const [first] = some;
    if (first === undefined) continue;
    const isEmptied = some.length === total && some.every(({ known }) => known === undefined);
    const tooMany = thresholds.some(
      ({ percent, at_least }) => some.length >= at_least && some.length * 100 > total * percent,
    );
    const into = isEmptied ? emptied : tooMany ? over : undefined;
    if (into === undefined) continue;
    const subject = subjectOf(first.address);
    into.set(subject, [...(into.get(subject) ?? []), ...some]);
  }
  const come = groupBy(
    changes.filter(({ action }) => action === 'create'),
    ({ address }) => sortOf(address),
  );
  return [
    ...[...emptied].map(([subject, some]) => massRisk('emptied', subject, some, speakEmptied(subject, some, come))),
    ...[...over].map(([subject, some]) => massRisk('deletes', subject, some, speakDeleted(subject, some, present))),
  ];
}

function massRisk(kind: 'emptied' | 'deletes', subject: string, some: readonly Gone[], summary: string): Risk {
  const items = some.map(({ address, known }) => {
    return { address, text: known === undefined ? kindOf(address) : `${kindOf(address)}, from now on ${known}` };
  });
  return risk(kind, subject, goneContent(some), { summary, items });
}

/** Where others of a kind come as its last ones go, somebody may have renamed them. */
function speakEmptied(subject: string, some: readonly Gone[], come: ReadonlyMap<string, readonly unknown[]>): string {
  const kinds = [...groupBy(some, ({ address }) => kindOf(address))].map(([kind, { length }]) => ({ kind, length }));
  const words = kinds
    .filter(({ kind }) => kind !== 'site')
    .map(({ kind, length }) => (length === 1 ? `its only ${kind}` : `all ${length} ${plural(kind)}`));
  const what = words.join(' and ');
  if (words.length < kinds.length) return `${speakSite(subject)} is removed${what === '' ? '' : `, with ${what}`}`;
  const others = kinds.reduce((sum, { kind }) => sum + (come.get(`${kind}:${subject}`)?.length ?? 0), 0);
  const renamed = others === 0 ? '' : `, and gets ${count(others, 'other')}: moved tells which are the same`;
  return `${speakSite(subject)} loses ${what}${renamed}`;
}

function speakDeleted(subject: string, some: readonly Gone[], present: ReadonlyMap<string, number>): string {
  const words = [...groupBy(some, ({ address }) => kindOf(address))].map(([kind, { length }]) => {
    const total = present.get(`${kind}:${subject}`) ?? 0;
    return `${length} of ${total} ${plural(kind)}`;
  });
  const known = some.filter((one) => one.known !== undefined).length;
  const otherwise = known === 0 ? '' : `, ${known === some.length ? 'all' : known} by another client_id or sub`;
  return `${speakSite(subject)} loses ${words.join(' and ')}${otherwise}`;
}

const subjectOf = (address: Address): string => siteOf(address) ?? NO_SITE;

/** What is counted together: a kind, in its site where it is of one. */
function sortOf(address: Address): string {
  return `${kindOf(address)}:${subjectOf(address)}`;
}

/** How many there are of each sort that is asked for. */
function countPresent(state: State, sorts: ReadonlyMap<string, unknown>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (sorts.size === 0) return counts;
  for (const address of state.keys()) {
    const sort = sortOf(address);
    if (sorts.has(sort)) counts.set(sort, (counts.get(sort) ?? 0) + 1);
  }
  return counts;
}

function speakSite(subject: string): string {
  return subject === NO_SITE ? 'The server' : `Site ${subject}`;
}
