// Owns how a test of who can obtain something ends, and why somebody cannot. Never decides access itself.

import type { AccessIndex } from '../access/access-index.ts';
import { clientsWho, usersWho, type Way, wayTo } from '../access/reach.ts';
import type { Assertion, TestTarget } from '../model/access-test.ts';
import { type ApplicationAddress, kindOf, qualifiedName, type UserAddress } from '../model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { askFor, codesAbout, judgeUse, refusalLinks } from './judge-request.ts';
import type { TestProblem } from './test-problem.ts';
import { type Concerned, firstWay, grantsOf, isShorter, speakWay } from './token-ways.ts';

type WhoCan = Extract<Assertion, { kind: 'who_can' }>;
type Name = ApplicationAddress | UserAddress;

/**
 * Who can and should not, and who should and cannot, each with why; none for a test that passes. `only` looks at some users of
 * the client alone, where the answer for the others is known to be as it should.
 */
export function judgeWhoCan(
  { who, compare, names: all }: WhoCan,
  index: AccessIndex,
  now: number,
  only?: Concerned,
): readonly TestProblem[] {
  const { target, client, grant_type, ip } = who;
  const at = who.time ?? now;
  const users = client === undefined ? undefined : only?.users;
  const names = users === undefined ? all : all.filter((name) => users.has(name as UserAddress));
  const ways =
    client === undefined
      ? clientsWho(index, target, { grant_type, ip }, at)
      : users === undefined
        ? usersWho(index, client, target, { grant_type, ip }, at)
        : waysOf({ client, users }, who, index, at);
  const can = new Map<Name, Way>();
  for (const way of ways) {
    const name = client === undefined ? way.client : way.user;
    if (name !== undefined && !isShorter(can.get(name), way)) can.set(name, way);
  }
  const listed = new Set(names);
  const unwanted = [...can].filter(([name]) =>
    compare === 'exactly' ? !listed.has(name) : compare === 'excludes' && listed.has(name),
  );
  const lacking = compare === 'excludes' ? [] : names.filter((name) => !can.has(name));
  const told = compare === 'exactly' ? 'is not listed' : 'is listed under excludes';
  return [
    ...unwanted.map(([name, way]) => ({
      text: `${qualifiedName(name)} can, ${speakWay(way, client !== undefined)}, and ${told}`,
      chain: way.chain,
    })),
    ...lacking.map((name) => whyNot(name, who, index, at)),
  ];
}

/** What usersWho answers, of some users. */
function waysOf(
  { client, users }: { readonly client: ApplicationAddress; readonly users: ReadonlySet<UserAddress> },
  { target, grant_type: by, ip }: WhoCan['who'],
  index: AccessIndex,
  at: number,
): readonly Way[] {
  // A refresh gives what the grant before it gave.
  const counts = (grant: string) =>
    GRANT_TYPES_WITH_USER.includes(grant) && (by !== undefined || grant !== 'refresh_token');
  const grants = grantsOf(index.application(client), by).filter(counts);
  if ('resource' in target) {
    return [...users].flatMap((user) => {
      const asked = grants.map((grant_type) => ({ client, grant_type, user, ip }));
      for (const one of asked) {
        const way = wayTo(index, target, one, at);
        if (way !== undefined) return [way];
      }
      return [];
    });
  }
  const value = requestedValue(index, target);
  const wanted = 'scope' in target ? { scope: value } : { audience: value };
  return [...users].flatMap((user) => {
    for (const grant_type of value === undefined ? [] : grants) {
      const way = firstWay({ client, grant_type, ip }, [user], wanted, index, at);
      if (way !== undefined) return [way];
    }
    return [];
  });
}

/** Why one who should obtain something cannot, as far as one answer says it. */
function whyNot(name: Name, who: WhoCan['who'], index: AccessIndex, at: number): TestProblem {
  const expected = `${qualifiedName(name)} cannot, and is listed`;
  const isUser = kindOf(name) === 'user';
  const client = who.client ?? (name as ApplicationAddress);
  const value = requestedValue(index, who.target);
  const grants = grantsOf(index.application(client), who.grant_type);
  const grant_type = grants.find((grant) => GRANT_TYPES_WITH_USER.includes(grant) === isUser);
  if (grant_type === undefined || (value === undefined && !('resource' in who.target))) {
    const why = isUser || grants.length === 0 ? speakNoGrant(client, who, isUser) : 'no user lets it';
    return { text: `${expected}: ${why}`, chain: [] };
  }
  const request = {
    client,
    grant_type,
    user: isUser ? (name as UserAddress) : undefined,
    method: undefined,
    scope: undefined,
    ip: who.ip,
    time: undefined,
  };
  if ('resource' in who.target) {
    const problem = judgeUse(index, { ...request, resource: who.target.resource }, at);
    return problem === undefined ? { text: expected, chain: [] } : { ...problem, text: `${expected}: ${problem.code}` };
  }
  const answer = askFor(index, request, value === undefined ? undefined : [value], at);
  const codes = codesAbout(answer, value);
  return { text: codes.length === 0 ? expected : `${expected}: ${codes.join(', ')}`, ...refusalLinks(answer) };
}

function speakNoGrant(client: ApplicationAddress, { grant_type }: WhoCan['who'], isUser: boolean): string {
  if (grant_type !== undefined) return `${qualifiedName(client)} has not the grant type ${grant_type}`;
  return `${qualifiedName(client)} has no grant type${isUser ? ' of a user' : ''}`;
}

function requestedValue(index: AccessIndex, target: TestTarget): string | undefined {
  if ('scope' in target) return target.scope;
  return 'audience' in target ? index.application(target.audience)?.client_id : undefined;
}
