// Owns what is protected by resources, from what was asked to who may (SEMANTICS N-02, N-03, N-52): the path in its normal form, the
// resource that covers it, the token and whether it passes. Shared by the proxy and by what asks for other proxies. Never answers.

import { REASONS } from '../access/reason.ts';
import { coveringResource, judgeResource } from '../access/resource.ts';
import type { ResourceAddress } from '../model/address.ts';
import { nameOf } from '../model/address.ts';
import type { ResourceEntity, TokenLocation } from '../model/entity.ts';
import { findAccessToken } from './access-token.ts';
import { bearerRefusal, oneToken, type Protected } from './bearer.ts';
import type { Context } from './endpoint.ts';
import { describe, invalidRequest, type OAuthError } from './error.ts';
import type { Note } from './handling.ts';
import { type RequestHost, type RequestTarget, readHost, readingsOf, readTarget } from './request-target.ts';
import { metadataUrl } from './resource-metadata.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';
import { type Alive, bindingOf, useToken } from './token-in-use.ts';

/** A request for something that other servers serve. */
export interface AskedRequest {
  /** Every Host header that it has. */
  readonly hosts: readonly string[];
  /** As the request line has it, not decoded. */
  readonly target: string;
  /** In upper case. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
}

/** A request and the resource that it is for. */
export interface CoveredRequest extends RequestTarget, RequestHost {
  readonly address: ResourceAddress;
  readonly resource: ResourceEntity;
  readonly place: Protected;
}

/** A request that may go on. */
export interface AdmittedRequest extends CoveredRequest {
  /** The text of the token. Never logged. */
  readonly token: string;
  readonly used: Alive;
  /** Milliseconds since the epoch until which the answer holds at most; the token may be revoked earlier. */
  readonly until: number;
}

/** Throws 400 for what two servers could read as two; undefined where no resource covers the request. */
export function coverRequest(asked: AskedRequest, snapshot: Snapshot): CoveredRequest | undefined {
  const [name, second] = asked.hosts;
  if (name === undefined || second !== undefined) throw invalidRequest('HOST_REPEATED');
  const host = readHost(name);
  if ('unreadable' in host)
    throw invalidRequest('TARGET_UNREADABLE', `The request is not looked at: ${host.unreadable}`);
  const target = readTarget(asked.target, host.host);
  if ('unreadable' in target)
    throw invalidRequest('TARGET_UNREADABLE', `The request is not looked at: ${target.unreadable}`);

  const { index } = snapshot;
  const found = readingsOf(target.path).map((path) =>
    coveringResource(index, { host: host.host, path, method: asked.method }),
  );
  const [address] = found;
  if (found.some((other) => other !== address)) {
    const why = 'with its escapes decoded, or without the parameters of its path, it is for another resource';
    throw invalidRequest('TARGET_UNREADABLE', `The request is not looked at: ${why}`);
  }
  const resource = address === undefined ? undefined : index.resources.entities.get(address);
  if (address === undefined || resource === undefined) return undefined;
  const origin = `${asked.scheme}://${host.authority}`;
  return {
    address,
    resource,
    ...target,
    ...host,
    place: { realm: issuerOf(snapshot), metadata: metadataUrl(origin, resource) },
  };
}

/** 403: default deny. */
export function uncovered(snapshot: Snapshot): OAuthError {
  return bearerRefusal('insufficient_scope', `RESOURCE_UNKNOWN: ${REASONS.RESOURCE_UNKNOWN}`, {
    realm: issuerOf(snapshot),
  });
}

export interface Presented {
  /** Every Authorization header, in order. */
  readonly authorization: readonly string[];
  /** The values of `access_token` in a form body; none where there is no form, or nobody has read it. */
  readonly inBody: readonly string[];
  /** The client's address; empty where it is not known, and then in no block. */
  readonly ip: string;
  /** For whom the client says that it calls (access/token-address.ts). */
  readonly forwarded: string | undefined;
}

/** Who may use what covers the request; all others are thrown, with the challenge of RFC 6750 3. */
export async function admitRequest(
  covered: CoveredRequest,
  presented: Presented,
  context: Context,
  note: Note,
): Promise<AdmittedRequest> {
  const { snapshot, now } = context;
  const { address, place, query } = covered;
  note({ resource: nameOf(address) });
  const others = [
    ...(takesTokenIn(covered.resource, 'body') ? presented.inBody : []),
    ...(takesTokenIn(covered.resource, 'query') ? tokensIn(query) : []),
  ];
  const token = oneToken(ofHeader(covered.resource, presented.authorization), others, place);
  const found = await findAccessToken(token, context);
  if (found === undefined) throw bearerRefusal('invalid_token', describe('BEARER_TOKEN_INVALID'), place);
  const { record } = found;
  note({ jti: record.id, client: record.client, client_id: record.client_id, user: record.user });

  const used = useToken(found, snapshot, now);
  if (!used.alive) {
    throw bearerRefusal('invalid_token', describe('BEARER_TOKEN_INVALID'), place, { detail: used.why });
  }
  const answer = judgeResource(snapshot.index, address, used.decision, {
    ip: presented.ip,
    forwarded: presented.forwarded,
    bound: bindingOf(used),
    now,
  });
  if (!answer.passed) {
    const { code, scopes, missing, detail } = answer;
    throw bearerRefusal(
      MISFITS.has(code) ? 'invalid_token' : 'insufficient_scope',
      `${code}: ${REASONS[code]}`,
      place,
      {
        scope: scopes?.join(' '),
        detail: detail ?? (missing && `missing at ${missing.address} ${missing.pointer}`),
      },
    );
  }
  const ends = record.expires_at * 1000;
  return { ...covered, token, used, until: Math.min(ends, answer.until ?? ends) };
}

/** What makes a token no token here, rather than one that may too little (P:B-010, S:A-17, S:A-19). */
const MISFITS: ReadonlySet<string> = new Set(['RESOURCE_AUDIENCE', 'CLIENT_IP_NOT_ALLOWED', 'TOKEN_IP_MISMATCH']);

export function takesTokenIn({ token_locations = ['header'] }: ResourceEntity, location: TokenLocation): boolean {
  return token_locations.includes(location);
}

/** A header is read where the resource takes no token in it too: two of them are refused, and one bearer token beside another. */
function ofHeader(resource: ResourceEntity, authorization: readonly string[]): readonly string[] {
  return takesTokenIn(resource, 'header') || authorization.length > 1 ? authorization : [];
}

const TOKEN_PARAMETER = 'access_token';

/** The values of `access_token` among the pairs of a query or a form. */
export function tokensIn(pairs: string): readonly string[] {
  return new URLSearchParams(pairs).getAll(TOKEN_PARAMETER).filter((value) => value !== '');
}

/** The query or form without its tokens, the rest as it stands. */
export function withoutTokens(pairs: string): string {
  const mark = pairs.startsWith('?') ? '?' : '';
  const kept = pairs
    .slice(mark.length)
    .split('&')
    .filter((pair) => !new URLSearchParams(pair).has(TOKEN_PARAMETER));
  return kept.length === 0 ? '' : mark + kept.join('&');
}
