// Owns how a login is told to clients: by which methods (amr, RFC 8176) and at which level (acr). Never logs anybody in.

import type { MethodType } from '../model/entity.ts';
import type { Snapshot } from './snapshot.ts';

/** The one level that a login reaches: with a password or a certificate, one of them and nothing beside. */
const SINGLE_ACR = '1';

/** All that are reached by some method; discovery publishes them. */
export const ACR_VALUES: readonly string[] = [SINGLE_ACR];

const METHOD_REFERENCES: Readonly<Record<MethodType, readonly string[]>> = {
  password: ['pwd'],
  // That a key was used is known; how it is kept (hwk, swk) is not.
  certificate: ['pop'],
  client_credentials: [],
};

/** The Authentication Method References of a login by the method of this name. */
export function authenticationMethods({ index }: Pick<Snapshot, 'index'>, method: string): readonly string[] {
  return METHOD_REFERENCES[index.method(method)?.type ?? 'password'];
}

/** What is answered to a request that names levels (OpenID Connect Core 3.1.2.1): voluntary, so the one that was reached. */
export function answeredAcr(asked: readonly string[]): string | undefined {
  return asked.length === 0 ? undefined : SINGLE_ACR;
}
