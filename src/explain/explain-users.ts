// Owns what a grant with a user gives where nobody says which user: how many of each group pass, and why the others do
// not. Never a list of users and clients.

import type { Question, Refusal } from '../access/decision.ts';
import { membersOf, networksOf, usersOfGroups } from '../access/reach.ts';
import type { ReasonCode } from '../access/reason.ts';
import type { Address, ApplicationAddress, GroupAddress, UserAddress } from '../model/address.ts';
import { accessRulesOf } from '../model/settings.ts';
import { isGranted } from '../plan/judge-request.ts';
import { type Answer, ask, type Obstacle, obstaclesOf } from './asking.ts';
import { addressOf, type ExplainQuestion, namesOf } from './nameable.ts';
import type { World } from './world.ts';

/** How many users are refused for a reason, most first. */
export interface Refused {
  readonly code: ReasonCode;
  readonly users: number;
}

/** A group that lets its members use the client, or all users where no group is asked for. */
export interface GroupCount {
  readonly group: GroupAddress | undefined;
  /** Where the client names it. */
  readonly pointer: string;
  readonly users: number;
  readonly passed: number;
  readonly refused: readonly Refused[];
}

export interface TargetCount {
  readonly value: string;
  readonly address: Address | undefined;
  /** Of those who may use the client: who obtain it. */
  readonly passed: number;
  readonly through: readonly { readonly group: GroupAddress; readonly users: number }[];
  readonly refused: readonly Refused[];
}

export interface UsersAnswer {
  readonly kind: 'users';
  readonly question: Question;
  /** What stands in everybody's way, before any user is looked at. */
  readonly refusal: Refusal | undefined;
  readonly obstacle: Obstacle | undefined;
  /** Users whom the groups of the client let in at all, and those of them who may use it. */
  readonly users: number;
  readonly passed: number;
  /** How many of those only from some addresses. */
  readonly limited: number;
  readonly groups: readonly GroupCount[];
  readonly targets: readonly TargetCount[];
}

export function explainUsers(world: World, asked: ExplainQuestion & { readonly grant_type: string }): UsersAnswer {
  const { index, now } = world;
  const question: Question = { ...asked, user: undefined };
  const nobody = { kind: 'users' as const, question, users: 0, passed: 0, limited: 0, groups: [], targets: [] };
  const first = ask(index, question, now);
  if (!first.allowed && first.code !== 'USER_MISSING') {
    return { ...nobody, refusal: first, obstacle: obstaclesOf(index, question, first)[0] };
  }
  const answers = new Map(
    usersOfGroups(index, asked.client).map((user) => [user, ask(index, { ...question, user }, now)] as const),
  );
  const passing = [...answers].filter(([, answer]) => refusedAtClient(answer, asked.client) === undefined);
  return {
    ...nobody,
    refusal: undefined,
    obstacle: undefined,
    users: answers.size,
    passed: passing.length,
    limited: passing.filter(([, answer]) => answer.allowed && networksOf(answer) !== undefined).length,
    groups: groupsOf(world, asked.client, answers),
    targets: (asked.scope ?? namesOf(world, asked.client)).map((value) => countTarget(world, question, value, passing)),
  };
}

/** Why a user may not use the client at all; undefined for who may. */
function refusedAtClient(answer: Answer, client: ApplicationAddress): ReasonCode | undefined {
  if (answer.allowed) return undefined;
  const self = answer.reasons.find(({ application }) => application === client);
  if (self?.granted === true) return undefined;
  return self?.code ?? answer.code;
}

function groupsOf(
  { index }: World,
  client: ApplicationAddress,
  answers: ReadonlyMap<UserAddress, Answer>,
): readonly GroupCount[] {
  const application = index.application(client);
  const named = [
    ...(application?.allowed_to ?? []).map(({ to }, position) => ({ group: to, pointer: `/allowed_to/${position}` })),
    ...accessRulesOf(application ?? {}).flatMap((rule, position) =>
      'group' in rule ? [{ group: rule.group, pointer: `/access_rules/${ruleList(application)}/${position}` }] : [],
    ),
  ];
  const count = (users: Iterable<UserAddress>) => {
    const told = [...users].flatMap((user) => answers.get(user) ?? []);
    const codes = told.flatMap((answer) => refusedAtClient(answer, client) ?? []);
    return { users: told.length, passed: told.length - codes.length, refused: tally(codes) };
  };
  if (named.length === 0) {
    return answers.size === 0 ? [] : [{ group: undefined, pointer: '/access_rules', ...count(answers.keys()) }];
  }
  return named.map(({ group, pointer }) => ({ group, pointer, ...count(membersOf(index.state, [group])) }));
}

function ruleList(application: { readonly access_rules?: object } | undefined): 'all' | 'any' {
  return application?.access_rules !== undefined && 'any' in application.access_rules ? 'any' : 'all';
}

function countTarget(
  world: World,
  question: Question,
  value: string,
  passing: readonly (readonly [UserAddress, Answer])[],
): TargetCount {
  const { index, now } = world;
  const groups: GroupAddress[] = [];
  const codes: ReasonCode[] = [];
  let passed = 0;
  const own = index.application(question.client)?.client_id;
  for (const [user, answer] of passing) {
    const asked = { ...question, user, scope: [value] };
    // The request that names nothing answers for every audience at once; what it lacks may be had by its name.
    const isThere = answer.allowed && (isGranted(answer, value) || (value === own && answer.audiences.includes(value)));
    const told = isThere || question.scope !== undefined ? answer : ask(index, asked, now);
    if (isThere || (told.allowed && isGranted(told, value))) {
      passed += 1;
      const reason = told.reasons.find(({ audience }) => audience === value);
      const open = reason?.chain.findLast(({ relation }) => relation === 'open_to');
      if (open !== undefined) groups.push(open.to as GroupAddress);
    } else {
      codes.push(obstaclesOf(index, asked, told)[0]?.code ?? 'NO_AUDIENCE');
    }
  }
  return {
    value,
    address: addressOf(world, value),
    passed,
    through: countEach(groups).map(([group, users]) => ({ group, users })),
    refused: tally(codes),
  };
}

function tally(codes: readonly ReasonCode[]): readonly Refused[] {
  return countEach(codes).map(([code, users]) => ({ code, users }));
}

/** Each with how often it is there, most first. */
export function countEach<T extends string>(all: readonly T[]): readonly (readonly [T, number])[] {
  const times = new Map<T, number>();
  for (const one of all) times.set(one, (times.get(one) ?? 0) + 1);
  return [...times].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : a > b ? 1 : 0));
}
