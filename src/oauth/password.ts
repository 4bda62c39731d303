// Owns checking the password of a user: one computation of Argon2id whether the user exists or not, then one answer for
// everything that can be wrong. Never decides what the user may, and never keeps a password.

import { activityOf } from '../access/activity.ts';
import { type MethodFault, usableMethods } from '../access/method-choice.ts';
import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import { isWithin } from '../model/duration.ts';
import type { Context } from './endpoint.ts';
import { loginMethod } from './login-method.ts';
import { findUserByName } from './user-lookup.ts';

export interface PasswordLogin {
  readonly client: ApplicationAddress;
  /** By which the client will get its tokens. */
  readonly grant_type: string;
  /** What it asks for; undefined where nothing. */
  readonly scope: readonly string[] | undefined;
  /** From where. */
  readonly ip: string;
  readonly username: string;
  readonly password: string;
}

export interface LoggedIn {
  readonly user: UserAddress;
  /** Of the methods of type password that both the client and the user have the one that opens most; where there is none, what is missing. */
  readonly method: string | MethodFault;
}

/** Undefined: no such user, a wrong password, none is known, or the user is not active. Throws Failure `busy`. */
export async function checkPassword(login: PasswordLogin, context: Context): Promise<LoggedIn | undefined> {
  const { snapshot, secrets, now } = context;
  const { index } = snapshot;
  const { client, username, password } = login;
  const user = findUserByName(index, client, username);
  const known =
    user === undefined ? [] : (snapshot.verifiers.get(user) ?? []).filter(({ period }) => isWithin(period, now));
  const used = await secrets.recognisePassword(password, known);
  if (user === undefined || used === undefined || !activityOf(index.user(user), now).active) return undefined;
  return { user, method: methodOf(user, login, context) };
}

/** One password is that of all of them. */
function methodOf(
  user: UserAddress,
  { client, grant_type, scope, ip }: PasswordLogin,
  context: Context,
): string | MethodFault {
  const { index } = context.snapshot;
  const application = index.application(client);
  const usable = application === undefined ? [] : usableMethods(index, client, application, grant_type);
  if ('code' in usable) return usable;
  const listed = index.user(user)?.methods ?? [];
  const [first, ...others] = usable.filter((name) => index.method(name)?.type === 'password' && listed.includes(name));
  if (first === undefined) return { code: 'METHOD_NOT_ON_USER', missing: { address: user, pointer: '/methods' } };
  return loginMethod([first, ...others], { client, grant_type, user, scope, ip }, context);
}
