// Owns the answer to `token`: what a token says that would be issued now, decoded. Never signs, and never shows a form that
// could be taken for a signed one.

import type { Attributes, Decision, Question, Refusal } from '../access/decision.ts';
import { tokenClaims } from '../access/token-content.ts';
import { tokenSettings } from '../model/settings.ts';
import type { Naming } from '../plan/naming.ts';
import { ask } from './asking.ts';
import { explainRequest, type GrantAnswer, type TargetAnswer, targetIn } from './explain.ts';
import type { World } from './world.ts';

/** In place of what is random, or not known before a token is issued. */
const RANDOM = '<random>';
const KEY = '<id of the signing key>';
const GENERATION = '<generation>';

export interface IssuedToken {
  readonly allowed: true;
  readonly decision: Decision;
  readonly format: 'jwt' | 'opaque';
  /** Undefined of an opaque token, which says nothing. */
  readonly header: Readonly<Record<string, unknown>> | undefined;
  /** The payload of a JWT, in the order in which it is issued. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** What introspection tells an audience (RFC 7662 2.2). */
  readonly introspection: Readonly<Record<string, unknown>>;
  /** What was asked for by name and is not in it. */
  readonly dropped: readonly TargetAnswer[];
  /** What policies release to one audience alone, by its client_id. */
  readonly released: readonly { readonly audience: string; readonly attributes: Attributes }[];
}

export type TokenAnswer =
  | { readonly question: Question; readonly told: IssuedToken }
  | { readonly question: Question; readonly told: Refusal; readonly explanation: GrantAnswer };

export function showToken(world: World, question: Question, naming: Naming): TokenAnswer {
  const told = ask(world.index, question, world.now);
  if (told.allowed) return { question, told: issued(world, question, told) };
  return { question, told, explanation: explainRequest(world, question, naming, { withEdits: true }) };
}

function issued(world: World, question: Question, decision: Decision): IssuedToken {
  const { index, now, generation } = world;
  const application = index.application(decision.client);
  if (application === undefined) throw new Error(`a decision for ${decision.client}, which the State does not hold`);
  const { format, typ, alg } = tokenSettings(index.server, application);
  const iss = index.server?.issuer;
  const iat = Math.floor(now / 1000);
  const times = { iat, exp: iat + decision.lifetime };
  const { sub, aud, client_id, scope, permissions } = tokenClaims(decision);
  const isJwt = format === 'jwt';
  return {
    allowed: true,
    decision,
    format,
    header: isJwt ? { alg, typ, kid: KEY } : undefined,
    claims: isJwt ? { iss, ...tokenClaims(decision), ...times, jti: RANDOM, gen: generation ?? GENERATION } : undefined,
    introspection: {
      active: true,
      ...(scope === undefined ? {} : { scope }),
      client_id,
      token_type: 'Bearer',
      exp: times.exp,
      iat,
      sub,
      aud,
      iss,
      jti: RANDOM,
      ...(permissions === undefined ? {} : { permissions }),
    },
    dropped: (question.scope ?? [])
      .map((value) => targetIn(world, question, value, decision))
      .filter(({ granted }) => !granted),
    released: decision.reasons.flatMap((reason) =>
      reason.granted && reason.attributes !== undefined
        ? [{ audience: reason.audience, attributes: reason.attributes }]
        : [],
    ),
  };
}
