// Owns the answer to whether a client gets through to a resource: by each of its grants, with the token that comes closest; of a
// grant with a user that nobody names in counts. Never decides: each answer is one of the engine's.

import type { Question, Step } from '../access/decision.ts';
import { networksOfWay, usersInReach } from '../access/reach.ts';
import type { ReasonCode } from '../access/reason.ts';
import { type AtResource, askResource, chainAtResource } from '../access/resource-reach.ts';
import type { ResourceAddress } from '../model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Networks } from '../model/network.ts';
import { grantsOf } from './explain.ts';
import { countEach, type Refused } from './explain-users.ts';
import type { ExplainQuestion } from './nameable.ts';
import type { World } from './world.ts';

export interface ResourceGrant extends AtResource {
  /** As it was asked: the request that was made in the end is `question`. */
  readonly asked: Question;
  readonly granted: boolean;
  /** Of a yes all that it rests on; of a no what is there. */
  readonly chain: readonly Step[];
  /** Of a yes: from where; undefined from anywhere. */
  readonly networks: readonly Networks[] | undefined;
  /** Of a grant with a user whom nobody names: the answer itself is then that of the first user who may, else of the first. */
  readonly users: { readonly total: number; readonly passed: number; readonly refused: readonly Refused[] } | undefined;
}

export interface ResourceExplanation {
  readonly asked: ExplainQuestion;
  readonly client_id: string;
  readonly resource: ResourceAddress;
  readonly grants: readonly ResourceGrant[];
}

export function explainResource(world: World, asked: ExplainQuestion, resource: ResourceAddress): ResourceExplanation {
  const grants = grantsOf(world, asked).map((grant_type): ResourceGrant => {
    const question: Question = { ...asked, grant_type };
    return GRANT_TYPES_WITH_USER.includes(grant_type) && asked.user === undefined
      ? explainUsersAt(world, resource, question)
      : explainOne(world, resource, question);
  });
  return { asked, client_id: world.index.application(asked.client)?.client_id ?? '', resource, grants };
}

function explainOne({ index, now }: World, resource: ResourceAddress, asked: Question): ResourceGrant {
  const tried = askResource(index, resource, asked, now);
  const { decision, answer } = tried;
  const granted = answer?.passed === true;
  const chain = decision.allowed ? chainAtResource(index, tried) : (decision.reasons[0]?.chain ?? []);
  const networks = granted && decision.allowed ? networksOfWay({ decision, answer }) : undefined;
  return { ...tried, asked, granted, chain, networks, users: undefined };
}

function explainUsersAt(world: World, resource: ResourceAddress, asked: Question): ResourceGrant {
  const all = usersInReach(world.index, asked.client).map((user) => explainOne(world, resource, { ...asked, user }));
  const [passed] = all.filter(({ granted }) => granted);
  const first = passed ?? all[0] ?? explainOne(world, resource, asked);
  const codes = all.flatMap((one) => (one.granted ? [] : [codeOf(one)]));
  return {
    ...first,
    asked,
    users: {
      total: all.length,
      passed: all.filter(({ granted }) => granted).length,
      refused: countEach(codes).map(([code, users]) => ({ code, users })),
    },
  };
}

/** Why there is no way through; of a yes none is asked for. */
export function codeOf({ decision, answer }: AtResource): ReasonCode {
  if (!decision.allowed) return decision.code;
  return answer?.passed === false ? answer.code : 'RESOURCE_UNKNOWN';
}
