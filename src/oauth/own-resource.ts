// Owns the token with which somebody calls what this server serves itself: alive, and used from where and for whom it may be. What
// other servers serve is resource-access.ts. Never reads a request.

import { REASONS } from '../access/reason.ts';
import { admitClient } from '../access/refusal.ts';
import { type Caller, judgeUserAgent } from '../access/token-address.ts';
import { findAccessToken } from './access-token.ts';
import { bearerError, bearerRefusal } from './bearer.ts';
import type { Context } from './endpoint.ts';
import type { Note } from './handling.ts';
import { issuerOf } from './snapshot.ts';
import { type Alive, bindingOf, useToken } from './token-in-use.ts';

/** Throws 401 with a Bearer challenge for every token that does not count here. */
export async function useOwnResource(text: string, caller: Caller, context: Context, note: Note): Promise<Alive> {
  const { snapshot, now } = context;
  const realm = issuerOf(snapshot);
  const found = await findAccessToken(text, context);
  if (found === undefined) throw bearerError('invalid_token', 'BEARER_TOKEN_INVALID', realm);
  const { record } = found;
  note({ jti: record.id, client: record.client, client_id: record.client_id, user: record.user });

  const used = useToken(found, snapshot, now);
  if (!used.alive) throw bearerError('invalid_token', 'BEARER_TOKEN_INVALID', realm, { detail: used.why });
  const refusal = admitClient(snapshot.index, record.client, caller.ip, now);
  if (refusal !== undefined) {
    throw bearerError('invalid_token', 'BEARER_TOKEN_INVALID', realm, { detail: refusal.description });
  }
  const other = judgeUserAgent(snapshot.index, record.client, bindingOf(used), caller);
  if (other === undefined) return used;
  throw bearerRefusal('invalid_token', `${other.code}: ${REASONS[other.code]}`, { realm }, { detail: other.detail });
}
