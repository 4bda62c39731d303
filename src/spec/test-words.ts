// Owns what a test of access that has no name is called: what it asks and expects, in the words of its author. Never
// resolves a name.

import { COMPARISONS, type TestRequest } from '../model/access-test.ts';
import type { WrittenRequest, WrittenTest } from './bind-tests.ts';

const VERBS = { request: 'gets', allow: 'may get', deny: 'may not get' } as const;

/** Of a resource. */
const USES = { request: 'uses', allow: 'may use', deny: 'may not use' } as const;

/** `Client1 may not get Server3 (SCOPE_NOT_ALLOWED)`, `Portal may get Server1 for User1 by password` */
export function wordsOfRequest(
  form: keyof typeof VERBS,
  { client, user, method, resource, ip, time }: WrittenRequest,
  { grant_type, scope = [] }: TestRequest,
  reason: string | undefined,
): string {
  const what = scope.length === 0 ? 'a token' : scope.join(' ');
  const use = resource === undefined ? [] : scope.length === 0 ? [] : [`with ${scope.join(' ')}`];
  const asked = [
    ...(user === undefined ? [] : [`for ${user} by ${grant_type}`]),
    ...(method === undefined ? [] : [`with ${method}`]),
    ...circumstances(ip, time),
    ...(reason === undefined ? [] : [`(${reason})`]),
  ];
  if (resource !== undefined) return [client, USES[form], resource, ...use, ...asked].join(' ');
  return [client, VERBS[form], what, ...asked].join(' ');
}

/** `only Treasury/settlement-job can get Payments`, `nobody can get refund by password` */
export function wordsOfWhoCan(written: WrittenTest): string {
  const { audience, scope, resource, grant_type, client, ip, time } = written.who_can ?? {};
  const compare = COMPARISONS.find((key) => written[key] !== undefined) ?? 'exactly';
  const names = (written[compare] ?? []).join(', ');
  const who = {
    exactly: names === '' ? 'nobody can' : `only ${names} can`,
    includes: `${names} can`,
    excludes: `${names} cannot`,
  }[compare];
  const asked = [
    ...(client === undefined ? [] : [`through ${client}`]),
    ...(grant_type === undefined ? [] : [`by ${grant_type}`]),
    ...circumstances(ip, time),
  ];
  return [who, resource === undefined ? 'get' : 'use', resource ?? audience ?? scope, ...asked].join(' ');
}

/** `no public client of Analytics ever gets payments:*` */
export function wordsOfNever(written: NonNullable<WrittenTest['never']>): string {
  const { client_type, client, site, grant_type, user, scope, audience } = written;
  const who = [
    'no',
    ...(client_type === undefined ? [] : [client_type]),
    client === undefined ? 'client' : `client ${client}`,
    ...(site === undefined ? [] : [`of ${site}`]),
  ];
  const asked = [
    ...(scope !== undefined && audience !== undefined ? [`for ${audience}`] : []),
    ...(user === undefined ? [] : [`for ${user}`]),
    ...(grant_type === undefined ? [] : [`by ${grant_type}`]),
  ];
  return [...who, 'ever gets', scope ?? audience ?? 'a token', ...asked].join(' ');
}

function circumstances(ip: string | undefined, time: string | undefined): readonly string[] {
  return [...(ip === undefined ? [] : [`from ${ip}`]), ...(time === undefined ? [] : [`at ${time}`])];
}
