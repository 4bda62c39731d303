// Owns the reading of an authorization request once it is known where its answer goes: an ordered list of small checks, of
// which the first that fails is told to the client. Never asks who the user is.

import type { Refusal } from '../access/decision.ts';
import type { Requested } from '../access/requested.ts';
import { admitRequest } from '../access/user-grant.ts';
import { RESPONSE_TYPES } from '../model/entity.ts';
import { responseTypesOf, scopeValues } from '../model/settings.ts';
import { type Fault, fault, faultOf } from './authorization-answer.ts';
import type { Target } from './authorization-target.ts';
import type { Family } from './endpoint.ts';
import type { Form } from './form.ts';
import { readIdTokenHint } from './id-token-hint.ts';
import { isChallenge, needsChallenge } from './pkce.ts';
import type { AuthorizationCode } from './port.ts';
import { servedBy } from './served-grants.ts';
import type { Snapshot } from './snapshot.ts';

type ResponseType = (typeof RESPONSE_TYPES)[number];

/** What the client asks for, checked as far as that is possible before it is known who the user is. */
export interface AuthorizationRequest {
  readonly target: Target;
  readonly response_type: ResponseType;
  /** By which the answer is decided. */
  readonly grant_type: 'authorization_code' | 'implicit';
  /** As it was sent. */
  readonly scope: string | undefined;
  /** Its values, those left out that mean nothing here; undefined where none was sent. */
  readonly values: readonly string[] | undefined;
  readonly nonce: string | undefined;
  readonly code_challenge: AuthorizationCode['code_challenge'];
  /** As it was sent; where none was, the answer goes to the only one that is registered. */
  readonly redirect_uri: string | undefined;
  readonly prompt: ReadonlySet<string>;
  /** Seconds. */
  readonly max_age: number | undefined;
  readonly login_hint: string | undefined;
  readonly acr_values: readonly string[];
  readonly ui_locales: readonly string[];
  /** The `sub` of the user whom the client expects. */
  readonly expected: string | undefined;
}

/** A request as it came, and who is asked. */
interface Given {
  readonly target: Target;
  readonly form: Form;
  readonly repeated: ReadonlySet<string>;
  readonly snapshot: Snapshot;
  readonly family: Family;
  readonly now: number;
}

/** The same, with what most checks look at. */
interface Asked extends Given {
  readonly response_type: ResponseType | undefined;
  readonly values: readonly string[] | undefined;
}

type Check = (asked: Asked) => Fault | undefined;

/** In the order in which they are told. */
const CHECKS: readonly Check[] = [
  ({ repeated }) => {
    const [name] = repeated;
    return name === undefined
      ? undefined
      : fault('invalid_request', 'PARAMETER_REPEATED', KNOWN.has(name) ? name : undefined);
  },
  // OpenID Connect Core 6 and 7.2.1: nothing is fetched and nothing is half understood.
  refuseParameter('request', fault('request_not_supported', 'REQUEST_OBJECT_UNSUPPORTED')),
  refuseParameter('request_uri', fault('request_uri_not_supported', 'REQUEST_URI_UNSUPPORTED')),
  refuseParameter('registration', fault('registration_not_supported', 'REGISTRATION_UNSUPPORTED')),
  checkResponseType,
  checkResponseMode,
  checkScopeForm,
  checkGrant,
  checkOpenid,
  checkNonce,
  checkChallenge,
  checkPrompt,
  checkMaxAge,
];

/** Answers the request, or the first fault of it. */
export async function readRequest(given: Given): Promise<AuthorizationRequest | Fault> {
  const asked = readOnce(given);
  for (const check of CHECKS) {
    const found = check(asked);
    if (found !== undefined) return found;
  }
  const { target, form, snapshot } = asked;
  const hint = form.get('id_token_hint');
  const expected = hint === undefined ? undefined : await readIdTokenHint(hint, snapshot);
  if (hint !== undefined && expected === undefined) return fault('invalid_request', 'ID_TOKEN_HINT_INVALID');
  const { metadata = {} } = target.application;
  // Checked: it is there.
  const response_type = asked.response_type as ResponseType;
  return {
    target,
    response_type,
    grant_type: grantOf(response_type),
    scope: form.get('scope'),
    values: asked.values,
    nonce: form.get('nonce'),
    code_challenge: challengeOf(form),
    redirect_uri: form.get('redirect_uri'),
    prompt: promptOf(form),
    max_age: maxAgeOf(form) ?? metadata.default_max_age,
    login_hint: form.get('login_hint'),
    acr_values: form.has('acr_values') ? scopeValues(form.get('acr_values')) : (metadata.default_acr_values ?? []),
    ui_locales: scopeValues(form.get('ui_locales')),
    expected: expected?.sub,
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['response_type', 'scope', 'state', 'nonce', 'prompt', 'max_age', 'login_hint', 'id_token_hint', 'acr_values'],
  ...[
    'ui_locales',
    'claims_locales',
    'claims',
    'display',
    'code_challenge',
    'code_challenge_method',
    'request',
    'request_uri',
  ],
]);

function refuseParameter(name: string, refused: Fault): Check {
  return ({ form }) => (form.has(name) ? refused : undefined);
}

function readOnce({ target, form, repeated, snapshot, family, now }: Given): Asked {
  const response_type = RESPONSE_TYPE_OF.get(inOrder(form.get('response_type') ?? ''));
  return { target, form, repeated, snapshot, family, now, response_type, values: valuesOf(form, response_type) };
}

/** The registered names, by their words in order: a set of words, in whichever order they are sent (P:HY-004). */
const RESPONSE_TYPE_OF: ReadonlyMap<string, ResponseType> = new Map(
  RESPONSE_TYPES.map((type) => [inOrder(type), type]),
);

function inOrder(words: string): string {
  return words.includes(' ') ? [...scopeValues(words)].sort().join(' ') : words;
}

function grantOf(response_type: ResponseType): AuthorizationRequest['grant_type'] {
  return response_type === 'code' ? 'authorization_code' : 'implicit';
}

function checkResponseType({ form, response_type, snapshot, target }: Asked): Fault | undefined {
  if (!form.has('response_type')) return fault('invalid_request', 'RESPONSE_TYPE_MISSING');
  if (response_type === undefined || !servedBy(snapshot).responseTypes.includes(response_type)) {
    return fault('unsupported_response_type', 'RESPONSE_TYPE_UNKNOWN');
  }
  const allowed = responseTypesOf(target.application.metadata ?? {});
  return allowed.includes(response_type) ? undefined : fault('unauthorized_client', 'RESPONSE_TYPE_NOT_ALLOWED');
}

/** The answer itself goes by fragment: a token in a query is in every log on the way (RFC 9700 4.3.2). */
function checkResponseMode({ form, response_type }: Asked): Fault | undefined {
  const isUnfit = form.get('response_mode') === 'query' && response_type !== 'code';
  return isUnfit ? fault('invalid_request', 'RESPONSE_MODE_UNFIT') : undefined;
}

/** RFC 6749 3.3, appendix A.4. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+( +[\x21\x23-\x5B\x5D-\x7E]+)*$/;

/** Whether a scope parameter has the characters of one. */
export function isScope(text: string): boolean {
  return SCOPE.test(text.trim());
}

function checkScopeForm({ form }: Asked): Fault | undefined {
  const scope = form.get('scope');
  return scope === undefined || isScope(scope) ? undefined : fault('invalid_scope', 'SCOPE_MALFORMED');
}

/** offline_access means nothing where no refresh token is to be had (OIDC Core 11). */
function valuesOf(form: Form, response_type: ResponseType | undefined): readonly string[] | undefined {
  const values = scopeValues(form.get('scope'));
  if (values.length === 0) return undefined;
  return response_type === 'code' ? values : values.filter((value) => value !== 'offline_access');
}

/** Algorithm B, steps 1 and 2 (N-21: before anybody logs in). */
function checkGrant({ response_type, values, snapshot, target, now }: Asked): Fault | undefined {
  const grant_type = grantOf(response_type as ResponseType);
  const question = { client: target.client, grant_type, scope: values };
  const answer: Requested | Refusal = admitRequest(snapshot.index, question, now);
  return 'allowed' in answer ? faultOf(answer) : undefined;
}

function isForIdToken({ response_type }: Asked): boolean {
  return response_type?.includes('id_token') === true;
}

function checkOpenid(asked: Asked): Fault | undefined {
  const lacks = isForIdToken(asked) && asked.values?.includes('openid') !== true;
  return lacks ? fault('invalid_request', 'OPENID_MISSING') : undefined;
}

/** OpenID Connect Core 3.2.2.1. */
function checkNonce(asked: Asked): Fault | undefined {
  return isForIdToken(asked) && !asked.form.has('nonce') ? fault('invalid_request', 'NONCE_MISSING') : undefined;
}

function challengeOf(form: Form): AuthorizationCode['code_challenge'] {
  const value = form.get('code_challenge');
  // RFC 7636 4.3: without a method it is plain.
  return value === undefined
    ? undefined
    : { method: form.get('code_challenge_method') === 'S256' ? 'S256' : 'plain', value };
}

function checkChallenge({ form, response_type, target, family }: Asked): Fault | undefined {
  if (response_type !== 'code') return undefined;
  const { metadata = {} } = target.application;
  const challenge = challengeOf(form);
  if (challenge === undefined)
    return needsChallenge(metadata, scopeValues(form.get('scope')), family)
      ? fault('invalid_request', 'PKCE_REQUIRED')
      : undefined;
  const named = form.get('code_challenge_method') ?? 'plain';
  const isServed = named === 'S256' || (named === 'plain' && metadata.code_challenge_method === 'plain');
  if (!isServed) return fault('invalid_request', 'PKCE_METHOD_UNSUPPORTED');
  return isChallenge(challenge.method, challenge.value)
    ? undefined
    : fault('invalid_request', 'PKCE_CHALLENGE_MALFORMED');
}

function promptOf(form: Form): ReadonlySet<string> {
  return new Set(scopeValues(form.get('prompt')));
}

/** Values that are not known are left alone: new ones may come (P:C-012). */
function checkPrompt({ form }: Asked): Fault | undefined {
  const prompt = promptOf(form);
  return prompt.has('none') && prompt.size > 1 ? fault('invalid_request', 'PROMPT_CONTRADICTORY') : undefined;
}

function maxAgeOf(form: Form): number | undefined {
  const text = form.get('max_age');
  return text === undefined ? undefined : Number(text);
}

function checkMaxAge({ form }: Asked): Fault | undefined {
  const text = form.get('max_age');
  return text === undefined || /^[0-9]{1,10}$/.test(text) ? undefined : fault('invalid_request', 'MAX_AGE_MALFORMED');
}
