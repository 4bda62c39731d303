// Owns the warnings about people who could not log in: clients without a method for it, users without a password, and
// passwords that nothing asks for (SEMANTICS N-40, U-28). Never checks a password.

import { methodAddress, nameOf } from '../model/address.ts';
import { isEnabled } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import type { Tell } from './check-effects.ts';
import { bound } from './entities.ts';

/** Those of which a login, or a password that is sent, is a part. */
const GRANTS_WITH_LOGIN: readonly string[] = ['authorization_code', 'implicit', 'password'];

export function checkLogins(all: Bound, tell: Tell): void {
  for (const [address, application] of bound(all, 'application')) {
    const grants = (application.metadata?.grant_types ?? []).filter((grant) => GRANTS_WITH_LOGIN.includes(grant));
    if (grants.length === 0 || !isEnabled(application)) continue;
    // Of one that is not on the site method.not-on-site tells.
    if ((application.methods ?? []).some((name) => isPassword(all, name) && !isOff(all, name))) continue;
    tell(
      'application.no-login',
      address,
      '/methods',
      `${nameOf(address)} has the ${grants.length === 1 ? 'grant' : 'grants'} ${grants.join(' and ')}, and lists no method by which a user could log in`,
      'List an enabled method of type password here.',
    );
  }
  for (const [address, user] of bound(all, 'user')) {
    const canLogIn = (user.methods ?? []).some((name) => isPassword(all, name));
    if (canLogIn && user.password === undefined && isEnabled(user)) {
      tell(
        'user.no-password',
        address,
        '',
        `${nameOf(address)} is to log in with a password, and has none`,
        'Write password: { hash: "…" } with what charter secret hash prints, or { env: NAME }.',
      );
    }
    if (!canLogIn && user.password !== undefined) {
      tell(
        'user.password-unused',
        address,
        '/password',
        `${nameOf(address)} lists no method of type password`,
        'Add one to methods, or remove the password.',
      );
    }
  }
}

function isPassword({ entities }: Bound, name: string): boolean {
  const method = entities.get(methodAddress(name));
  return method?.kind === 'method' && method.type === 'password';
}

function isOff({ entities }: Bound, name: string): boolean {
  const method = entities.get(methodAddress(name));
  return method?.kind === 'method' && !isEnabled(method);
}
