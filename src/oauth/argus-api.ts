// Owns the API of the argus family beside OAuth 2.0 (SEMANTICS ): which clients the user of a token may use, and the end
// of sessions. Never decides access: it shows what access decides.

import { decide } from '../access/decide.ts';
import { type ApplicationAddress, compareText, nameOf, type UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { entitiesOf } from '../model/state.ts';
import { bearerError, oneToken } from './bearer.ts';
import type { Answer, Context, EndpointRequest } from './endpoint.ts';
import { answerOf, describe, NO_STORE, OAuthError } from './error.ts';
import { type Note, telling } from './handling.ts';
import { useOwnResource } from './own-resource.ts';
import { endSession } from './session-end.ts';
import { issuerOf } from './snapshot.ts';
import type { Alive } from './token-in-use.ts';

export interface ApiRequest extends Pick<EndpointRequest, 'authorization' | 'ip' | 'forwarded'> {
  readonly query: URLSearchParams;
  /** What stands behind the path, decoded; undefined where nothing does. */
  readonly id: string | undefined;
}

/** A request of the API from who may ask. */
interface Asked {
  readonly request: ApiRequest;
  readonly used: Alive;
  readonly context: Context;
  readonly note: Note;
}

export type ApiEndpoint = (request: ApiRequest, context: Context) => Promise<Answer>;

/** `GET …/oauth/client`, and one of them by its client_id: those that the user may use, and never a secret. */
export const clientsEndpoint: ApiEndpoint = defineApi('argus_clients', async ({ request, used, context }) => {
  const user = userOf(used, context);
  if (request.id !== undefined) {
    const address = context.snapshot.index.client(request.id);
    const application = address && context.snapshot.index.application(address);
    // One that is hidden is as unknown as one that never was.
    if (address === undefined || application === undefined || !mayUse(address, application, user, context)) {
      throw refused(404, 'CLIENT_NOT_FOUND', 'There is no such client');
    }
    return enveloped({ limit: 1, offset: 0, count: 1, data: clientToJson(address, application) });
  }
  const limit = number(request.query, 'limit', USUAL_LIMIT);
  const offset = number(request.query, 'offset', 0);
  const all = [...entitiesOf(context.snapshot.state, 'application')]
    .map(([address, application]) => [address as ApplicationAddress, application] as const)
    .filter(([address, application]) => mayUse(address, application, user, context))
    .sort(([a], [b]) => compareText(a, b));
  const data = all
    .slice(offset, limit === 0 ? undefined : offset + limit)
    .map(([address, application]) => clientToJson(address, application));
  return enveloped({ limit, offset, count: all.length, data });
});

/** `DELETE …/session`: that of the token, or with the function deleteSession one by its id. */
export const sessionEndpoint: ApiEndpoint = defineApi('argus_session', async ({ request, used, context, note }) => {
  const sid = request.id ?? used.grant?.session;
  if (request.id !== undefined && !mayEndOthers(used)) {
    throw refused(403, 'PERMISSION_MISSING', `The token does not permit ${DELETE_SESSION}`);
  }
  const session = sid === undefined ? undefined : await context.grants.findSessionBySid(sid);
  if (session === undefined) throw refused(404, 'SESSION_NOT_FOUND', 'There is no such session');
  await endSession(session, context);
  note({ outcome: 'session ended', sid: session.sid, user: session.user });
  return enveloped({ limit: 0, offset: 0, count: 0, data: null });
});

/** A session is of no customer: who may do it for one alone may not do it. */
function mayEndOthers({ decision: { permissions = [] } }: Alive): boolean {
  return permissions.some((one) => one.function === DELETE_SESSION && one.customer === undefined);
}

const USUAL_LIMIT = 25;
const DELETE_SESSION = 'deleteSession';

function defineApi(name: string, answer: (asked: Asked) => Promise<Answer>): ApiEndpoint {
  return async (request, context) => {
    try {
      return await telling(name, { family: 'argus', ip: request.ip }, context, async (note) =>
        answer({ request, used: await tokenOf(request, context, note), context, note }),
      );
    } catch (thrown) {
      if (!(thrown instanceof OAuthError)) throw thrown;
      return refusalAnswer(thrown, context.now);
    }
  };
}

async function tokenOf(request: ApiRequest, context: Context, note: Note): Promise<Alive> {
  const realm = issuerOf(context.snapshot);
  return useOwnResource(oneToken(request.authorization, [], { realm }), request, context, note);
}

/** Whose list it is. A client that acts as itself has none. */
function userOf({ grant }: Alive, { snapshot }: Context): UserAddress {
  if (grant?.user !== undefined) return grant.user;
  throw bearerError('insufficient_scope', 'USER_REQUIRED', issuerOf(snapshot), {
    specific: 'No user stands behind the token',
  });
}

/** By any of its grants with a user, from wherever: the address of the client's server says nothing of the user. */
function mayUse(
  client: ApplicationAddress,
  { metadata }: ApplicationEntity,
  user: UserAddress,
  { snapshot: { index }, now }: Context,
): boolean {
  const grants = (metadata?.grant_types ?? []).filter(
    (grant) => grant !== 'client_credentials' && grant !== 'refresh_token',
  );
  return grants.some((grant_type) => decide(index, { client, grant_type, user, scope: undefined }, now).allowed);
}

/** By the names of that system. */
function clientToJson(address: ApplicationAddress, application: ApplicationEntity): Record<string, unknown> {
  const {
    client_id,
    metadata = {},
    customer,
    required_role,
    permission_scope = [],
    client_ip_range = [],
  } = application;
  return {
    id: client_id,
    shortName: nameOf(address),
    name: metadata.client_name ?? nameOf(address),
    customer: customer === undefined ? null : nameOf(customer),
    mainURI: metadata.client_uri ?? null,
    redirectURI: (metadata.redirect_uris ?? []).map(({ uri }) => uri),
    requiredFunction: required_role ?? null,
    permissionScope: permission_scope,
    clientIPRange: client_ip_range,
    authenticationMethod: metadata.token_endpoint_auth_method ?? null,
  };
}

function number(query: URLSearchParams, name: string, otherwise: number): number {
  const [text, second] = query.getAll(name);
  if (text === undefined) return otherwise;
  if (second === undefined && /^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new ParameterError(name);
}

/** 412: a parameter that is not what it has to be. */
class ParameterError extends OAuthError {
  readonly parameter: string;

  constructor(parameter: string) {
    const description = `PARAMETER_INVALID: ${parameter} is a whole number that is not negative, once`;
    super({ error: 'invalid_request', status: 412, description });
    this.parameter = parameter;
  }
}

function refused(status: 403 | 404, code: string, sentence: string): OAuthError {
  return new OAuthError({ error: 'access_denied', status, description: `${code}: ${sentence}` });
}

interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly count: number;
  readonly data: unknown;
}

function enveloped({ limit, offset, count, data }: Page): Answer {
  const size = Array.isArray(data) ? data.length : data === null ? 0 : 1;
  return { status: 200, headers: NO_STORE, body: { responseCode: 200, limit, offset, count, size, data } };
}

/** The status and the challenge are those of the standards. */
function refusalAnswer(error: OAuthError, now: number): Answer {
  const { status, headers } = answerOf(error);
  const parameter = error instanceof ParameterError ? error.parameter : null;
  const message = {
    message: error.description.slice(error.code.length).replace(/^: /, '') || describe('SERVER_ERROR'),
    messageTemplate: error.code,
    field: parameter,
    parameter,
    timestamp: now,
  };
  const empty = { limit: 0, offset: 0, count: 0, size: 0, data: null };
  return { status, headers, body: { responseCode: status, ...empty, messages: [message] } };
}
