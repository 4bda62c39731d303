// Owns the warnings about people who could not log in: clients without a method for it, users without a password or a
// certificate, and those that nothing asks for (SEMANTICS N-40, U-28). Never checks one.

import { methodAddress, nameOf } from '../model/address.ts';
import type { MethodType } from '../model/entity.ts';
import { methodServes } from '../model/grant-type.ts';
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
    const isServed = (name: string) => {
      const method = all.entities.get(methodAddress(name));
      return method?.kind === 'method' && isEnabled(method) && grants.some((grant) => methodServes(method.type, grant));
    };
    if ((application.methods ?? []).some(isServed)) continue;
    tell(
      'application.no-login',
      address,
      '/methods',
      `${nameOf(address)} has the ${grants.length === 1 ? 'grant' : 'grants'} ${grants.join(' and ')}, and lists no method by which a user could log in`,
      grants.every((grant) => grant === 'password')
        ? 'List an enabled method of type password here.'
        : 'List an enabled method of type password or certificate here.',
    );
  }
  for (const [address, user] of bound(all, 'user')) {
    const lists = (type: MethodType) => (user.methods ?? []).some((name) => isOfType(all, name, type));
    const canLogIn = lists('password');
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
    if (lists('certificate') && user.certificate === undefined && isEnabled(user)) {
      tell(
        'user.no-certificate',
        address,
        '',
        `${nameOf(address)} is to log in with a certificate, and nothing says which`,
        'Write certificate: with one of subject_dn, san_email, san_uri, san_dns and sha256.',
      );
    }
    if (!lists('certificate') && user.certificate !== undefined) {
      tell(
        'user.certificate-unused',
        address,
        '/certificate',
        `${nameOf(address)} lists no method of type certificate`,
        'Add one to methods, or remove the certificate.',
      );
    }
  }
}

function isOfType({ entities }: Bound, name: string, type: MethodType): boolean {
  const method = entities.get(methodAddress(name));
  return method?.kind === 'method' && method.type === type;
}
