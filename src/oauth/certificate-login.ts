// Owns who is logged in by the certificate of the browser's connection (SEMANTICS N-14): a user whose certificate it is, by a method
// that names its authority. Never validates one (certificate.ts), and never decides what the user may.

import { activityOf } from '../access/activity.ts';
import { usableMethods } from '../access/method-choice.ts';
import { type ApplicationAddress, nameOf, type UserAddress } from '../model/address.ts';
import { type CertificateForm, certificateOfUser } from '../model/certificate-name.ts';
import { entitiesOf, type State } from '../model/state.ts';
import type { CertificateNames } from './certificate.ts';
import type { Context, EndpointRequest } from './endpoint.ts';
import { loginMethod } from './login-method.ts';

export interface CertificateLogin {
  readonly client: ApplicationAddress;
  /** By which the client will get its tokens. */
  readonly grant_type: string;
  /** What it asks for; undefined where nothing. */
  readonly scope: readonly string[] | undefined;
  /** From where. */
  readonly ip: string;
}

/** A user, and the method by which the certificate logs in. */
export interface KnownByCertificate {
  readonly user: UserAddress;
  readonly method: string;
}

/**
 * The active user whose certificate it is, and of the methods that the client takes and the user has the one that opens most;
 * undefined where there is no such user, or several whom the certificate names.
 */
export async function findByCertificate(
  { certificate }: Pick<EndpointRequest, 'certificate'>,
  asked: CertificateLogin,
  context: Pick<Context, 'snapshot' | 'certificates' | 'now'>,
): Promise<KnownByCertificate | undefined> {
  if (certificate === undefined) return undefined;
  const { snapshot, certificates, now } = context;
  const { index } = snapshot;
  const application = index.application(asked.client);
  const usable = application === undefined ? [] : usableMethods(index, asked.client, application, asked.grant_type);
  if ('code' in usable) return undefined;
  let found: UserAddress | undefined;
  const methods: string[] = [];
  for (const method of usable) {
    const { type, certificate_authority: authority } = index.method(method) ?? {};
    if (type !== 'certificate' || authority === undefined) continue;
    const names = await certificates.check(certificate, authority, snapshot, now);
    const user = typeof names === 'string' ? undefined : userNamed(names, authority, snapshot.state);
    const entity = user === undefined ? undefined : index.user(user);
    if (user === undefined || entity?.methods?.includes(method) !== true) continue;
    if (!activityOf(entity, now).active || user !== (found ?? user)) continue;
    found = user;
    methods.push(method);
  }
  const [first, ...others] = methods;
  if (found === undefined || first === undefined) return undefined;
  return { user: found, method: loginMethod([first, ...others], { ...asked, user: found }, context) };
}

type Directory = ReadonlyMap<string, ReadonlySet<UserAddress>>;

const known = new WeakMap<State, Directory>();

/** The one user who is meant by the names of a certificate of the authority. */
function userNamed(names: CertificateNames, authority: string, state: State): UserAddress | undefined {
  const directory = directoryOf(state);
  const meant = new Set<UserAddress>();
  for (const [form, values] of Object.entries(names) as [CertificateForm, readonly string[]][]) {
    for (const value of values) for (const user of directory.get(keyOf(authority, form, value)) ?? []) meant.add(user);
  }
  const [user, other] = meant;
  return other === undefined ? user : undefined;
}

/** Built once for each State, when a certificate is presented to log in with. */
function directoryOf(state: State): Directory {
  const kept = known.get(state);
  if (kept !== undefined) return kept;
  const authorities = new Map(
    [...entitiesOf(state, 'method')].flatMap(([address, { type, certificate_authority }]) =>
      type === 'certificate' && certificate_authority !== undefined ? [[nameOf(address), certificate_authority]] : [],
    ),
  );
  const directory = new Map<string, Set<UserAddress>>();
  for (const [address, user] of entitiesOf(state, 'user')) {
    const meant = certificateOfUser(user);
    if (meant === undefined) continue;
    for (const authority of new Set((user.methods ?? []).map((method) => authorities.get(method)))) {
      if (authority === undefined) continue;
      const key = keyOf(authority, meant.form, meant.value);
      directory.set(key, (directory.get(key) ?? new Set()).add(address as UserAddress));
    }
  }
  known.set(state, directory);
  return directory;
}

function keyOf(authority: string, form: CertificateForm, value: string): string {
  return `${authority}\n${form}\n${value}`;
}
