// Owns which changes are a risk (DESIGN 3) and what approves one. Each is judged over the changes that make it one, so
// that nothing unrelated disarms it. Never refuses anything: who applies does.

import { type Address, compareText, kindOf, qualifiedName, siteOf } from '../model/address.ts';
import { APPROVAL_DIGEST_DIGITS, type Approval, type RiskKind } from '../model/approval.ts';
import { digestEntity, digestValue } from '../model/digest.ts';
import type { ServerEntity } from '../model/entity.ts';
import { deletesThreshold, tokenSettings } from '../model/settings.ts';
import { entitiesOf, entityAt, type State, serverOf } from '../model/state.ts';
import { groupBy } from './group.ts';
import { userOf } from './holding.ts';
import { formerNames } from './moves.ts';
import type { AccessChange, Change, Plan, Risk } from './plan.ts';
import type { Usage } from './port.ts';

type Delete = Extract<Change, { action: 'delete' }>;

export interface Judged {
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  readonly access: readonly AccessChange[];
}

/** The risks of a change that can be seen in the two States; none in a first apply, which nobody rests on yet. */
export function judgeRisks(judged: Judged): readonly Risk[] {
  if (judged.before.size === 0) return [];
  const deletes = judged.changes.filter((change) => change.action === 'delete');
  return [
    ...massDeletes(judged, deletes),
    ...serverRisks(judged),
    ...protectedDeletes(deletes),
    ...restrictedAccess(judged),
  ].sort(compareRisks);
}

/** Deleted clients whose stored tokens are alive. */
export function judgeLiveTokens(changes: readonly Change[], usage: ReadonlyMap<Address, Usage>): readonly Risk[] {
  return changes.flatMap((change) => {
    const live = usage.get(change.address)?.liveTokens ?? 0;
    if (change.action !== 'delete' || change.before.kind !== 'application' || live === 0) return [];
    const tokens = live === 1 ? '1 live token ends' : `${live} live tokens end`;
    return [
      risk('live-tokens', qualifiedName(change.address), deletedContent([change]), {
        summary: `${tokens} with the client that holds ${live === 1 ? 'it' : 'them'}`,
        items: [{ address: change.address, text: `${live} live` }],
      }),
    ];
  });
}

/** A spec of a commit that the applied one already contains: what came after it would be undone. */
export function judgeOlderCommit(plan: Pick<Plan, 'digest'>, commit: string, applied: string): Risk {
  return risk('older-commit', commit.slice(0, 12), [commit, applied, plan.digest], {
    summary: `The commit ${commit.slice(0, 12)} is an ancestor of ${applied.slice(0, 12)}, which is applied`,
    items: [],
  });
}

/** The risks with the approvals that match them. */
export function approve(risks: readonly Risk[], approvals: readonly Approval[]): readonly Risk[] {
  return risks.map((one) => {
    const approved = one.approvable ? approvals.find((approval) => matches(approval, one)) : undefined;
    return approved === undefined ? one : { ...one, approved };
  });
}

/** The risks that stop a plan. */
export function unapproved(risks: readonly Risk[]): readonly Risk[] {
  return risks.filter(({ approved }) => approved === undefined);
}

/** The approvals that match no risk. */
export function unusedApprovals(risks: readonly Risk[], approvals: readonly Approval[]): readonly Approval[] {
  return approvals.filter((approval) => !risks.some((one) => one.approvable && matches(approval, one)));
}

/** What approves a risk. */
export function approvalOf({ kind, subject, digest }: Risk): Approval {
  return { risk: kind, subject, digest };
}

/** The total order of risks: by kind, then subject. */
export function compareRisks(a: Risk, b: Risk): number {
  return compareText(a.kind, b.kind) || compareText(a.subject, b.subject);
}

function matches(approval: Approval, { kind, subject, digest }: Risk): boolean {
  return approval.risk === kind && approval.subject === subject && approval.digest === digest;
}

/** What is of no site. */
const NO_SITE = 'server';

const subjectOf = (address: Address): string => siteOf(address) ?? NO_SITE;

/** By site and kind: everything that was there is gone, or more than the threshold. What was emptied is told as that. */
function massDeletes({ before, after }: Judged, deletes: readonly Delete[]): readonly Risk[] {
  const deleted = groupBy(deletes, ({ address }) => sortOf(address));
  const present = countPresent(before, deleted);
  const thresholds = [serverOf(before), serverOf(after)].map(deletesThreshold);
  const emptied = new Map<string, Delete[]>();
  const over = new Map<string, Delete[]>();
  for (const [sort, some] of deleted) {
    const total = present.get(sort) ?? 0;
    const [first] = some;
    if (first === undefined) continue;
    const tooMany = thresholds.some(
      ({ percent, at_least }) => some.length >= at_least && some.length * 100 > total * percent,
    );
    const into = some.length === total ? emptied : tooMany ? over : undefined;
    if (into === undefined) continue;
    const subject = subjectOf(first.address);
    into.set(subject, [...(into.get(subject) ?? []), ...some]);
  }
  const told = (kind: RiskKind, subject: string, some: readonly Delete[], summary: string) =>
    risk(kind, subject, deletedContent(some), {
      summary,
      items: some.map(({ address }) => ({ address, text: kindOf(address) })),
    });
  const of = (some: readonly Delete[]) =>
    [...groupBy(some, ({ address }) => kindOf(address))].map(([kind, { length }]) => ({ kind, length }));
  return [
    ...[...emptied].map(([subject, some]) => {
      const kinds = of(some);
      const words = kinds
        .filter(({ kind }) => kind !== 'site')
        .map(({ kind, length }) => (length === 1 ? `its only ${kind}` : `all ${length} ${kind}s`));
      const what = words.join(' and ');
      if (words.length === kinds.length) return told('emptied', subject, some, `${speakSite(subject)} loses ${what}`);
      return told('emptied', subject, some, `${speakSite(subject)} is removed${what === '' ? '' : `, with ${what}`}`);
    }),
    ...[...over].map(([subject, some]) => {
      const words = of(some).map(({ kind, length }) => {
        const total = present.get(`${kind}:${subject}`) ?? 0;
        return `${length} of ${total} ${kind}s`;
      });
      return told('deletes', subject, some, `${speakSite(subject)} loses ${words.join(' and ')}`);
    }),
  ];
}

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

/** Another issuer, or other keys for tokens that do not say by which they are signed. */
function serverRisks({ before, after }: Judged): readonly Risk[] {
  const [was, is] = [serverOf(before), serverOf(after)];
  if (was === undefined || is === undefined) return [];
  const algorithm = (server: ServerEntity) => tokenSettings(server, { kind: 'application', client_id: '' }).alg;
  const change = (kind: RiskKind, from: string, to: string, summary: string) =>
    from === to ? [] : [risk(kind, NO_SITE, [from, to], { summary, items: [{ text: `${from} → ${to}` }] })];
  return [
    ...change(
      'issuer',
      was.issuer,
      is.issuer,
      'The issuer changes: tokens and clients of the old one mean nothing to it',
    ),
    ...change('keys', algorithm(was), algorithm(is), 'Tokens are signed with another kind of key'),
  ];
}

/** What the applied State protects can be deleted only after that was taken away. */
function protectedDeletes(deletes: readonly Delete[]): readonly Risk[] {
  return deletes.flatMap((change) => {
    if (change.before.kind !== 'application' || change.before.protected !== true) return [];
    const subject = qualifiedName(change.address);
    const summary = `${subject} is protected: apply it without protected: true first, then remove it`;
    return [
      {
        ...risk('protected', subject, deletedContent([change]), {
          summary,
          items: [{ address: change.address, text: 'protected' }],
        }),
        approvable: false,
      },
    ];
  });
}

/**
 * By what is applied and by what will be, the entity and the client_id that resource servers know it by: no change can take
 * the mark away, or give its name to something without one, and let somebody in.
 */
function restrictedAccess({ before, after, changes, access }: Judged): readonly Risk[] {
  const was = formerNames(changes);
  const isMarked = (state: State, address: Address) => entityAt(state, 'application', address)?.restricted === true;
  const isRestricted = (address: Address) => isMarked(before, was.get(address) ?? address) || isMarked(after, address);
  const names = new Set([before, after].flatMap(restrictedClientIds));
  const grants = access.filter(
    ({ effect, audience, held }) =>
      effect === 'grant' && audience !== undefined && (isRestricted(held.application) || names.has(audience)),
  );
  return [...groupBy(grants, ({ held }) => held.application)].map(([application, some]) => {
    const who = some.map(({ client, client_id, held }) => ({ client, client_id, user: userOf(held.chain) }));
    const name = qualifiedName(application);
    return risk(
      'restricted',
      name,
      // By all names: who is called so later is somebody else, and not approved.
      who.map(({ client, client_id, user }) => [
        client,
        client_id,
        user ?? null,
        (user && entityAt(after, 'user', user)?.sub) ?? null,
      ]),
      {
        summary: `${name} is restricted, and ${some.length === 1 ? 'a client gains' : `${some.length} clients gain`} access to it`,
        items: who.map(({ client, user }) => ({
          address: client,
          text: user === undefined ? 'as itself' : `as ${qualifiedName(user)}`,
        })),
      },
    );
  });
}

function restrictedClientIds(state: State): readonly string[] {
  return [...entitiesOf(state, 'application')].flatMap(([, { client_id, restricted }]) =>
    restricted === true ? [client_id] : [],
  );
}

function deletedContent(deletes: readonly Delete[]): unknown {
  return deletes.map(({ address, before }) => [address, digestEntity(before)]);
}

function risk(kind: RiskKind, subject: string, content: unknown, told: Pick<Risk, 'summary' | 'items'>): Risk {
  const digest = digestValue([kind, subject, content]).slice('sha256:'.length).slice(0, APPROVAL_DIGEST_DIGITS);
  return { kind, subject, digest, ...told, approvable: true, approved: undefined };
}
