// Owns the stay of a user at this server: which session a browser has, and how a login begins one. Never checks a password and
// never decides what the user may.

import { activityOf } from '../access/activity.ts';
import type { UserAddress } from '../model/address.ts';
import { isEnabled, sessionSettings } from '../model/settings.ts';
import type { Context, EndpointRequest } from './endpoint.ts';
import { hashOf, newIdentifier, newText, TEXT_SHAPE } from './opaque.ts';
import type { Session } from './port.ts';
import type { Standing } from './snapshot.ts';
import { outlives } from './token-in-use.ts';

/** The session of a browser. */
export interface FoundSession {
  readonly hash: string;
  readonly session: Session;
}

/** The live session of a request; undefined when there is none, it is over, or its user is not there any more. */
export async function findSession(request: EndpointRequest, context: Context): Promise<FoundSession | undefined> {
  const text = request.cookies?.session;
  if (text === undefined || !TEXT_SHAPE.test(text)) return undefined;
  const hash = hashOf(text);
  const session = await context.grants.findSession(hash);
  return session !== undefined && isLive(session, context) ? { hash, session } : undefined;
}

/** Whether a session still counts: by its ends, and by its user and method of today. */
export function isLive(
  session: Session,
  { snapshot, now }: { readonly snapshot: Standing; readonly now: number },
): boolean {
  const seconds = now / 1000;
  const { ttl, idle } = sessionSettings(snapshot.index.server);
  const { auth_time, last_used, expires_at, user, generation, method } = session;
  if (seconds >= Math.min(expires_at, auth_time + ttl) || seconds >= last_used + idle) return false;
  const entity = snapshot.index.user(user);
  if (!activityOf(entity, now).active || !isUsable(snapshot.index.method(method))) return false;
  if (entity?.methods?.includes(method) !== true) return false;
  return outlives({ generation }, user, snapshot);
}

function isUsable(method: Parameters<typeof isEnabled>[0] | undefined): boolean {
  return method !== undefined && isEnabled(method);
}

/** Notes that a session is in use, now and then: an idle end is as good as a tenth of it, however short. */
export async function noteSessionUse(
  { hash, session }: FoundSession,
  { snapshot, grants, now }: Context,
): Promise<void> {
  const { idle } = sessionSettings(snapshot.index.server);
  const seconds = Math.floor(now / 1000);
  if (!Number.isFinite(idle) || seconds < session.last_used + idle / 10) return;
  await grants.touchSession(hash, seconds);
}

/**
 * Begins a session by a login, or renews the one that the same user has in this browser: its `sid` stays, its cookie never
 * does, so that nobody has a cookie who had one before the login. Answers the new cookie.
 */
export async function beginSession(
  login: { readonly user: UserAddress; readonly method: string },
  before: FoundSession | undefined,
  { snapshot, grants, now, random }: Context,
): Promise<string> {
  const text = newText(random);
  const seconds = Math.floor(now / 1000);
  const same = before !== undefined && before.session.user === login.user;
  const session: Session = {
    sid: same ? before.session.sid : newIdentifier(random),
    ...login,
    auth_time: seconds,
    generation: snapshot.generation,
    last_used: seconds,
    expires_at: seconds + sessionSettings(snapshot.index.server).ttl,
  };
  await grants.insertSession({ hash: hashOf(text), record: session }, before?.hash);
  return text;
}
