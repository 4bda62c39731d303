// Owns which changes are a risk (DESIGN 3). Each is judged over the changes that make it one, so
// that nothing unrelated disarms it. Never knows what is approved (approving.ts).

import { type Address, compareText, qualifiedName } from '../model/address.ts';
import type { RiskKind } from '../model/approval.ts';
import { count } from '../model/count.ts';
import type { ServerEntity } from '../model/entity.ts';
import { tokenSettings } from '../model/settings.ts';
import { serverOf } from '../model/state.ts';
import { type Gone, goneContent, goneOf } from './gone.ts';
import { massDeletes } from './mass-deletes.ts';
import type { Change, Plan, Risk } from './plan.ts';
import type { Usage } from './port.ts';
import { restrictedAccess } from './restricted.ts';
import { type Judged, NO_SITE, risk } from './risk.ts';
import { speakGranted } from './usage-words.ts';

/** The risks of a change that can be seen in the two States; none in a first apply, which nobody rests on yet. */
export function judgeRisks(judged: Judged): readonly Risk[] {
  if (judged.before.size === 0) return [];
  const gone = judged.changes.flatMap(goneOf);
  return [
    ...massDeletes(judged, gone),
    ...serverRisks(judged),
    ...protectedDeletes(gone),
    ...restrictedAccess(judged),
  ].sort(compareRisks);
}

/** Clients that are deleted or get another client_id while stored tokens of them are alive, or may be refreshed. */
export function judgeLiveTokens(changes: readonly Change[], usage: ReadonlyMap<Address, Usage>): readonly Risk[] {
  return changes.flatMap(goneOf).flatMap((gone) => {
    const { address, before, known } = gone;
    const { liveTokens: live = 0, families = 0, users = 0 } = usage.get(address) ?? {};
    if (before.kind !== 'application' || live + families === 0) return [];
    const alive = [
      ...(families === 0 ? [] : [speakGranted({ families, users })]),
      ...(live === 0 ? [] : [count(live, 'live token')]),
    ];
    const isOne = live + families === 1;
    const tokens = `${alive.join(' and ')} ${isOne ? 'ends' : 'end'}`;
    const holder = `the client that holds ${isOne ? 'it' : 'them'}`;
    return [
      risk('live-tokens', qualifiedName(address), goneContent([gone]), {
        summary: known === undefined ? `${tokens} with ${holder}` : `${tokens}: ${holder} gets another client_id`,
        items: [{ address, text: families === 0 ? `${live} live` : alive.join(' and ') }],
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

/** The total order of risks: by kind, then subject. */
export function compareRisks(a: Risk, b: Risk): number {
  return compareText(a.kind, b.kind) || compareText(a.subject, b.subject);
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

/** What the applied State protects can be deleted, or be known by another client_id, only after that was taken away. */
function protectedDeletes(all: readonly Gone[]): readonly Risk[] {
  return all.flatMap((gone) => {
    const { address, before, known } = gone;
    if (before.kind !== 'application' || before.protected !== true) return [];
    const subject = qualifiedName(address);
    const then = known === undefined ? 'remove it then' : 'change its client_id then';
    const summary = `${subject} is protected: apply it without protected: true first, and ${then}`;
    const text = known === undefined ? 'protected' : `client_id ${before.client_id} → ${known}`;
    const told = { summary, items: [{ address, text }] };
    return [{ ...risk('protected', subject, goneContent([gone]), told), approvable: false }];
  });
}
