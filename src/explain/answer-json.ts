// Owns answers as JSON: a public contract (schema/answer.schema.json), versioned, one document for each question. Member by
// member, so that nothing enters the contract by itself. Never holds a secret: answers have none.

import type { Attributes, Decision, Place, Question, Refusal, Step } from '../access/decision.ts';
import { networksOf } from '../access/reach.ts';
import { REASONS } from '../access/reason.ts';
import { bindsAddress } from '../access/token-address.ts';
import { tokenClaims } from '../access/token-content.ts';
import { type Address, qualifiedName } from '../model/address.ts';
import { instantToJson, sourceMember } from '../plan/json-places.ts';
import type { Answer, Obstacle } from './asking.ts';
import { linkAt } from './edit.ts';
import type { Help } from './edits.ts';
import type { Explanation, GrantAnswer, TargetAnswer } from './explain.ts';
import type { ResourceExplanation, ResourceGrant } from './explain-resource.ts';
import type { Refused, UsersAnswer } from './explain-users.ts';
import type { ExplainQuestion } from './nameable.ts';
import type { TokenAnswer } from './token.ts';
import type { GroupCan, Reached, UserCan, WhatCan } from './what-can.ts';
import type { WhoCan } from './who-can.ts';
import type { WhoMay } from './who-may.ts';
import { rangeOfPlace, type World } from './world.ts';

/** Minor: members were added, ignore what you do not know. Major: read no further. */
const FORMAT_VERSION = '1.0';

type Json = Readonly<Record<string, unknown>>;

/** An answer with the question that it answers. */
export type Told =
  | { readonly kind: 'explain'; readonly explanation: Explanation }
  /** An answer of explain too. */
  | { readonly kind: 'resource'; readonly explanation: ResourceExplanation }
  | {
      readonly kind: 'who-can';
      readonly answer: WhoCan | WhoMay;
      readonly grant_type: string | undefined;
      readonly ip: string | undefined;
    }
  | { readonly kind: 'what-can'; readonly answer: WhatCan; readonly ip: string | undefined }
  | { readonly kind: 'token'; readonly answer: TokenAnswer };

/** Plain data, ready for JSON.stringify; equal answers give equal text. */
export function answerToJson(told: Told, world: World): Json {
  return {
    format_version: FORMAT_VERSION,
    kind: told.kind === 'resource' ? 'explain' : told.kind,
    at: instantToJson(world.now),
    ...given({ generation: world.generation }),
    ...bodyOf(told, world),
  };
}

function bodyOf(told: Told, world: World): Json {
  switch (told.kind) {
    case 'explain':
      return { question: questionToJson(world, told.explanation.asked), ...explanationToJson(told.explanation, world) };
    case 'resource': {
      const { asked, resource, grants } = told.explanation;
      return {
        question: { ...questionToJson(world, asked), resource },
        grants: grants.map((grant) => resourceGrantToJson(grant, world)),
      };
    }
    case 'who-can':
      return whoCanToJson(told.answer, told, world);
    case 'what-can':
      return whatCanToJson(told.answer, told.ip, world);
    case 'token':
      return tokenToJson(told.answer, world);
  }
}

/** What has a value. */
function given(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function questionToJson({ index }: World, asked: ExplainQuestion | Question): Json {
  const { client, grant_type, scope, user, method, ip } = asked;
  const client_id = index.application(client)?.client_id;
  return given({ client, client_id, grant_type, scope: scope?.join(' '), user, method, ip });
}

function explanationToJson({ grants }: Explanation, world: World): Json {
  return { grants: grants.map((one) => (one.kind === 'users' ? usersToJson(one, world) : grantToJson(one, world))) };
}

function grantToJson({ question, answer, granted, from, targets, help }: GrantAnswer, world: World): Json {
  return {
    grant_type: question.grant_type,
    granted,
    ...given({ from: instant(from) }),
    ...resultToJson(answer, world),
    targets: targets.map((target) => targetToJson(target, world)),
    ...(help === undefined ? {} : helpToJson(help)),
  };
}

function resourceGrantToJson(grant: ResourceGrant, world: World): Json {
  const { asked, decision, answer, granted, chain, networks, users } = grant;
  const passed = answer?.passed === true ? answer : undefined;
  const refused = answer?.passed === false ? answer : undefined;
  return {
    grant_type: asked.grant_type,
    granted: users === undefined ? granted : users.passed > 0,
    ...resultToJson(decision, world),
    use: given({
      rule: passed && placeToJson(passed.at, world),
      chain: chain.map((step) => stepToJson(step, world)),
      until: instant(passed?.until),
      networks,
      reason:
        refused &&
        given({
          code: refused.code,
          sentence: REASONS[refused.code],
          missing: refused.missing && placeToJson(refused.missing, world),
        }),
      scopes: refused?.scopes,
      users: users && { total: users.total, passed: users.passed, refused: refusedToJson(users.refused) },
    }),
  };
}

function resultToJson(answer: Answer, world: World): Json {
  return answer.allowed ? { token: contentToJson(answer, world) } : { refusal: refusalToJson(answer, world) };
}

function contentToJson(decision: Decision, { index }: World): Json {
  const { lifetime, until } = decision;
  const bound = bindsAddress(index, decision) ? { bound_to_user_agent: true } : {};
  return given({
    claims: tokenClaims(decision),
    lifetime,
    until: instant(until),
    networks: networksOf(decision),
    ...bound,
  });
}

function refusalToJson({ error, code, description, missing }: Refusal, world: World): Json {
  return given({
    error,
    code,
    sentence: REASONS[code],
    description,
    missing: missing && placeToJson(missing, world),
  });
}

function targetToJson(target: TargetAnswer, world: World): Json {
  const { value, address, granted, onlyByDefault, chain, attributes, from, until, obstacle } = target;
  return given({
    value,
    address,
    granted,
    only_by_default: onlyByDefault ? true : undefined,
    from: instant(from),
    until: instant(until),
    chain: chain.map((step) => stepToJson(step, world)),
    released: releasedToJson(attributes),
    reason: obstacle && obstacleToJson(obstacle, world),
  });
}

function releasedToJson(attributes: Attributes | undefined): Attributes | undefined {
  return attributes === undefined || Object.keys(attributes).length === 0 ? undefined : attributes;
}

function obstacleToJson({ code, about, missing, method, user }: Obstacle, world: World): Json {
  return given({
    code,
    sentence: REASONS[code],
    about,
    method,
    user,
    missing: missing && placeToJson(missing, world),
  });
}

function stepToJson({ relation, from, to, at, value, function: name, customer }: Step, world: World): Json {
  const { expires } = linkAt(world.index.state.get(at.address), at.pointer) ?? {};
  return given({ relation, from, to, at: placeToJson(at, world), expires, value, function: name, customer });
}

function placeToJson(place: Place, world: World): Json {
  return { address: place.address, pointer: place.pointer, ...sourceMember(rangeOfPlace(world, place)) };
}

function helpToJson({ suggestions, why }: Help): Json {
  return given({
    suggestions: suggestions.map((suggestion) => ({
      edits: suggestion.map(({ edit, words, site, range }) => ({
        op: edit.op,
        address: edit.address,
        pointer: edit.pointer,
        ...given({ value: edit.op === 'remove' ? undefined : edit.value }),
        words,
        ...given({ site }),
        ...sourceMember(range),
      })),
    })),
    no_suggestion: why,
  });
}

function usersToJson(answer: UsersAnswer, world: World): Json {
  const { question, refusal, users, passed, limited, groups, targets } = answer;
  return {
    grant_type: question.grant_type,
    granted: passed > 0,
    ...(refusal === undefined ? {} : { refusal: refusalToJson(refusal, world) }),
    users: {
      total: users,
      passed,
      limited,
      groups: groups.map(({ group, pointer, ...counts }) =>
        given({
          group,
          at: placeToJson({ address: question.client, pointer }, world),
          total: counts.users,
          passed: counts.passed,
          refused: refusedToJson(counts.refused),
        }),
      ),
      targets: targets.map((target) =>
        given({
          value: target.value,
          address: target.address,
          passed: target.passed,
          through: target.through,
          refused: refusedToJson(target.refused),
        }),
      ),
    },
  };
}

function refusedToJson(refused: readonly Refused[]): Json {
  return Object.fromEntries(refused.map(({ code, users }) => [code, users]));
}

function whoCanToJson(
  answer: WhoCan | WhoMay,
  asked: { grant_type: string | undefined; ip: string | undefined },
  world: World,
): Json {
  const { clients } = answer;
  const refused = 'refused' in answer ? answer.refused : [];
  return {
    question: given({
      ...('value' in answer
        ? {
            value: answer.value,
            audience: answer.target.audience,
            scope: answer.target.scope,
            resource: answer.target.resource,
          }
        : { function: answer.target.function, customer: answer.target.customer }),
      grant_type: asked.grant_type,
      ip: asked.ip,
    }),
    clients: clients.map((one) =>
      given({
        client: one.client,
        client_id: one.client_id,
        grant_type: one.grant_type,
        until: instant(one.until),
        networks: one.networks,
        chain: one.chain.map((step) => stepToJson(step, world)),
        users: one.users && { total: one.users.length, through: one.through, names: one.users.map(qualifiedName) },
      }),
    ),
    refused: refused.map(({ code, clients: some }) => ({ code, sentence: REASONS[code], clients: some })),
  };
}

function whatCanToJson(answer: WhatCan, ip: string | undefined, world: World): Json {
  switch (answer.kind) {
    case 'client': {
      const { client } = answer.explanation.asked;
      return {
        question: given({ subject: client, ip }),
        client: {
          ...explanationToJson(answer.explanation, world),
          ...listed(
            answer.resources.map(({ resource, grant }) => ({ resource, ...resourceGrantToJson(grant, world) })),
          ),
        },
      };
    }
    case 'user':
      return { question: given({ subject: answer.user, ip }), user: userToJson(answer) };
    case 'group':
      return { question: given({ subject: answer.group, ip }), group: groupToJson(answer, world) };
  }
}

/** Absent where there are none. */
function listed(resources: readonly Json[]): Json {
  return resources.length === 0 ? {} : { resources };
}

function userToJson({ groups, actors, logins, closed, resources }: UserCan): Json {
  return {
    groups,
    actors: actors.map((actor) =>
      'code' in actor ? { client: actor.client, reason: actor.code } : reachedToJson(actor),
    ),
    logins: logins.map(reachedToJson),
    closed,
    ...listed(
      resources.map(({ resource, client, until, networks }) =>
        given({ resource, client, until: instant(until), networks }),
      ),
    ),
  };
}

function reachedToJson(reached: Reached): Json {
  const { client, client_id, grant_type, audiences, scopes, permissions, from, until, networks } = reached;
  const token = {
    aud: audiences,
    scope: scopes.join(' '),
    permissions,
    from: instant(from),
    until: instant(until),
    networks,
  };
  return given({ client, client_id, grant_type, ...token });
}

function groupToJson({ members, memberGroups, within, opens, lost, resources }: GroupCan, world: World): Json {
  return {
    members: members.length,
    member_groups: memberGroups,
    within,
    opens: opens.map(({ application, group, pointer, until }) =>
      given({
        application,
        group,
        at: placeToJson({ address: application as Address, pointer }, world),
        until: instant(until),
      }),
    ),
    lost: {
      access: lost.access.map(({ client, audience }) => ({ client, audience })),
      logins: lost.logins,
      obtained: lost.obtained,
    },
    ...listed(
      resources.map(({ resource, group, pointer }) => ({
        resource,
        group,
        at: placeToJson({ address: resource, pointer }, world),
      })),
    ),
  };
}

function tokenToJson(answer: TokenAnswer, world: World): Json {
  const { question, told } = answer;
  const asked = questionToJson(world, question);
  if (!told.allowed) {
    return { question: asked, ...('explanation' in answer ? grantToJson(answer.explanation, world) : {}) };
  }
  const { format, header, claims, introspection, released, dropped, decision } = told;
  return given({
    question: asked,
    grant_type: question.grant_type,
    granted: dropped.length === 0,
    format,
    header,
    claims,
    introspection,
    released: Object.fromEntries(released.map(({ audience, attributes }) => [audience, attributes])),
    lifetime: decision.lifetime,
    until: instant(decision.until),
    dropped: dropped.map((target) => targetToJson(target, world)),
  });
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : instantToJson(at);
}
