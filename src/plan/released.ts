// Owns what a plan makes policies release otherwise: to which application, which claim, about which users. To an application
// its policy may release about a user whatever the items give that the user is in the groups of, whichever scopes are asked
// for and by whichever method, where the groups that open the application let that user in at all. Never decides access:
// whether a token comes of it, and so whether constraints hold, is what access changes tell.

import { isInReach } from '../access/reach.ts';
import {
  type ApplicationAddress,
  compareText,
  kindOf,
  type PolicyAddress,
  type UserAddress,
} from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { periodOf } from '../model/duration.ts';
import { selecting } from '../model/selection.ts';
import { isEnabled } from '../model/settings.ts';
import { entitiesOf, entityAt } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import type { ReleasedChange } from './plan.ts';
import { causeOfRelease, type ReleaseSides } from './released-cause.ts';
import { gatesOf, touchedUsers, usersLetIn } from './released-users.ts';
import {
  type Difference,
  differencesOf,
  type Piece,
  piecesOf,
  type ReleasingPolicy,
  releasingPolicy,
  toldValue,
} from './released-values.ts';

/**
 * Each claim about users that an application may be told otherwise than before, in their total order. `now` in milliseconds
 * since the epoch: what has ended by then is not released, what ends later is told with its end.
 */
export function diffReleased(compared: Compared, now: number): readonly ReleasedChange[] {
  if (!compared.changes.some(({ address }) => RELEVANT.has(kindOf(address)))) return [];
  if ([compared.before, compared.after].every(({ state }) => policies(state).size === 0)) return [];
  const uses = usesOf(compared, now);
  if (uses.length === 0) return [];
  const changed = new Set(compared.changes.map(({ address }) => address));
  const touched = touchedUsers(compared);
  const rows = new Map<string, Row>();
  for (const use of uses) {
    const isOtherwise = signatureOf(use.before) !== signatureOf(use.after);
    // What changes of an application for all is which policy it has, and whom it lets in.
    const isForAll = (one: ApplicationAddress) => isOtherwise || (changed.has(one) && gatesDiffer(compared, one, now));
    const forAll = use.applications.filter(isForAll);
    const others = forAll.length === 0 ? use.applications : use.applications.filter((one) => !isForAll(one));
    if (forAll.length > 0) {
      addRows(rows, { ...use, applications: forAll }, usersLetIn(compared, forAll, now), compared, now);
    }
    if (others.length > 0 && touched.size > 0) {
      addRows(rows, { ...use, applications: others }, touched, compared, now);
    }
  }
  return [...rows.values()]
    .map(({ change, users }) => ({ ...change, users: users.sort(compareText) }))
    .sort(compareReleased);
}

const policies = selecting(['policy'], () => true);

/** What a release rests on. */
const RELEVANT: ReadonlySet<string> = new Set(['application', 'group', 'policy', 'user']);

/** Application, claim, effect; then what tells apart the rows of one claim: no user is in two of them. */
export function compareReleased(a: ReleasedChange, b: ReleasedChange): number {
  return (
    compareText(a.application, b.application) ||
    compareText(a.name, b.name) ||
    compareText(a.effect, b.effect) ||
    compareText(a.through ?? '', b.through ?? '') ||
    compareText(a.users[0] ?? '', b.users[0] ?? '')
  );
}

interface Row {
  readonly change: Omit<ReleasedChange, 'users'>;
  readonly users: UserAddress[];
}

/** Applications that have the same policy before and the same after: what it gives about a user is asked once for all. */
interface Use {
  readonly before: ReleasingPolicy | undefined;
  readonly after: ReleasingPolicy | undefined;
  /** As the plan calls them. */
  readonly applications: readonly ApplicationAddress[];
}

function usesOf({ before, after }: Compared, now: number): readonly Use[] {
  const [was, is] = [before, after].map((side) => policiesInUse(side, now));
  const pairs = new Map<string, { was?: PolicyAddress; is?: PolicyAddress; applications: ApplicationAddress[] }>();
  for (const application of new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])) {
    const [first, second] = [was?.get(application), is?.get(application)];
    const key = `${first ?? ''} ${second ?? ''}`;
    const pair = pairs.get(key) ?? { ...(first && { was: first }), ...(second && { is: second }), applications: [] };
    pair.applications.push(application);
    pairs.set(key, pair);
  }
  return [...pairs.values()].map((pair) => ({
    before: pair.was && releasingPolicy(before, pair.was),
    after: pair.is && releasingPolicy(after, pair.is),
    applications: pair.applications,
  }));
}

/** Of each application that tokens can be for, by the names of the plan. */
function policiesInUse(side: ComparedSide, now: number): ReadonlyMap<ApplicationAddress, PolicyAddress> {
  const policies = new Map<ApplicationAddress, PolicyAddress>();
  for (const [address, application] of entitiesOf(side.state, 'application')) {
    if (application.policy === undefined || !isAlive(application, now)) continue;
    policies.set(side.shared(address as ApplicationAddress), side.shared(application.policy));
  }
  return policies;
}

function isAlive(entity: { readonly enabled?: boolean; readonly expires?: string } | undefined, now: number): boolean {
  return entity !== undefined && isEnabled(entity) && now < periodOf(entity).end;
}

function signatureOf(policy: ReleasingPolicy | undefined): string {
  return canonicalJson((policy?.items ?? []).filter((item) => item !== undefined));
}

function gatesDiffer({ before, after }: Compared, application: ApplicationAddress, now: number): boolean {
  const named = (side: ComparedSide) =>
    gatesOf(side, application, now)
      ?.map((group) => side.shared(group))
      .sort(compareText)
      .join(' ');
  return named(before) !== named(after);
}

/** Users about whom the same becomes of what the policies give, and who are let in by the same groups. */
interface Alike {
  readonly users: UserAddress[];
  /** Where the application lets them in on both sides, and where on one of them only. */
  readonly both: readonly Difference[];
  readonly gained: readonly Difference[];
  readonly lost: readonly Difference[];
}

function addRows(
  rows: Map<string, Row>,
  use: Use,
  users: ReadonlySet<UserAddress>,
  compared: Compared,
  now: number,
): void {
  const { before, after } = compared;
  const all = alikeUsers(use, users, compared, now);
  for (const application of use.applications) {
    const lets = (side: ComparedSide, policy: ReleasingPolicy | undefined, user: UserAddress) =>
      policy !== undefined && isInReach(side.index(), side.own(application), side.own(user), now);
    for (const alike of all) {
      const [first] = alike.users as [UserAddress];
      const [was, is] = [lets(before, use.before, first), lets(after, use.after, first)];
      const differences = was && is ? alike.both : is ? alike.gained : was ? alike.lost : [];
      for (const difference of differences) {
        addRow(rows, difference, { ...use, application, user: first, was, is }, alike.users, compared, now);
      }
    }
  }
}

function addRow(
  rows: Map<string, Row>,
  difference: Difference,
  sides: ReleaseSides,
  users: readonly UserAddress[],
  compared: Compared,
  now: number,
): void {
  const { effect, name, before, after, piece } = difference;
  const { application } = sides;
  const cause = causeOfRelease(difference, sides, compared, now);
  const through = piece.item.group;
  const { address, pointer } = cause.place;
  // Of many users who came into one list, or whose attribute changed, there is one row: theirs is the line of the first.
  const causeKey = [kindOf(address) === 'user' ? 'user' : address, pointer.replace(/\/\d+$/, '')];
  const key = canonicalJson([application, effect, name, through ?? null, before, after, causeKey]);
  const change = { effect, application, name, ...(through === undefined ? {} : { through }), before, after, cause };
  const row = rows.get(key) ?? { change, users: [] };
  rows.set(key, row);
  for (const user of users) row.users.push(user);
}

function alikeUsers(
  { before: was, after: is, applications }: Use,
  users: ReadonlySet<UserAddress>,
  { before, after }: Compared,
  now: number,
): readonly Alike[] {
  const gates = [before, after].map(
    (side) => new Set(applications.flatMap((application) => gatesOf(side, application, now) ?? [])),
  );
  const known = new Map<string, Alike>();
  for (const user of [...users].sort(compareText)) {
    const pieces = (side: ComparedSide, policy: ReleasingPolicy | undefined) => {
      const isThere = policy !== undefined && isAlive(entityAt(side.state, 'user', side.own(user)), now);
      return isThere ? piecesOf(side, policy, user, now) : [];
    };
    const [gave, gives] = [pieces(before, was), pieces(after, is)];
    if (gave.length === 0 && gives.length === 0) continue;
    const both = differencesOf(gave, gives);
    // Who came into a group is not told with those who have another attribute: each has a line of its own.
    const whyOf = ({ name, piece, isGain }: Difference): unknown => {
      const lacking = isGain ? before : after;
      const group = piece.item.group;
      const membership = group && lacking.index().groupsOf(lacking.own(user)).get(lacking.own(group));
      return [name, piece.position, isGain, lacking.state.has(lacking.own(user)), membership?.end === piece.until];
    };
    const groups = [before, after].map((side, at) => groupsAmong(side, user, gates[at] ?? new Set(), now));
    const key = JSON.stringify([gave.map(wordsOf), gives.map(wordsOf), both.map(whyOf), groups]);
    const alike = known.get(key);
    if (alike !== undefined) alike.users.push(user);
    else {
      known.set(key, { users: [user], both, gained: differencesOf([], gives), lost: differencesOf(gave, []) });
    }
  }
  return [...known.values()];
}

function groupsAmong(
  side: ComparedSide,
  user: UserAddress,
  gates: ReadonlySet<string>,
  now: number,
): readonly string[] {
  const inside: string[] = [];
  for (const [group, { end }] of side.index().groupsOf(side.own(user))) {
    if (end > now && gates.has(group)) inside.push(group);
  }
  return inside.sort();
}

function wordsOf(piece: Piece): unknown {
  return [piece.item.name, piece.item.group ?? null, toldValue(piece)];
}
