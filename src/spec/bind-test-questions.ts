// Owns `who_can:` and `never:` → assertions about everybody. Never runs one, and never binds a request.

import {
  type Assertion,
  COMPARISONS,
  type Invariant,
  isLike,
  type TestTarget,
  type Wanted,
} from '../model/access-test.ts';
import { type ApplicationAddress, siteOf, type UserAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseInstant } from '../model/duration.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { TestContext, WrittenTest } from './bind-tests.ts';
import { report } from './catalogue.ts';
import { type Entry, entryOf, itemsOf, type MapNode, type Node, rangeOf, spanOfEntry } from './tree.ts';

type WhoCan = Extract<Assertion, { kind: 'who_can' }>;

export function bindWhoCan(written: WrittenTest, node: MapNode, context: TestContext): WhoCan | undefined {
  const { names, site, problems } = context;
  const entry = node.entries.get('who_can');
  const compare = COMPARISONS.find((key) => written[key] !== undefined);
  if (entry === undefined || compare === undefined || written.who_can === undefined) return undefined;
  const { grant_type, ip, time } = written.who_can;
  const target = targetOf(entry, context);
  const clientEntry = entryOf(entry.value, 'client');
  const client = clientEntry && names.client(clientEntry.value, site);
  const listed = itemsOf(node.entries.get(compare)?.value).map((item) =>
    clientEntry === undefined ? names.client(item, site) : names.user(item, site),
  );
  const known = listed.filter((name) => name !== undefined);
  const isSound = clientEntry === undefined || checkGrantOfUser(entry, grant_type, clientEntry, problems);
  const isKnown = known.length === listed.length && (clientEntry === undefined || client !== undefined);
  if (target === undefined || !isSound || !isKnown) return undefined;
  const who = { target, grant_type, client, ip, time: time === undefined ? undefined : parseInstant(time) };
  return { kind: 'who_can', who, compare, names: known };
}

function targetOf(entry: Entry, { names, site }: TestContext): TestTarget | undefined {
  const audience = entryOf(entry.value, 'audience')?.value;
  const scope = entryOf(entry.value, 'scope')?.value;
  const resource = entryOf(entry.value, 'resource')?.value;
  if (resource !== undefined) {
    const named = names.resource(resource);
    return named && { resource: named };
  }
  if (scope !== undefined) return names.target(scope);
  const address = audience && names.audience(audience, site);
  return address && { audience: address };
}

export function bindNever(
  written: NonNullable<WrittenTest['never']>,
  node: MapNode,
  context: TestContext,
): Invariant | undefined {
  const { names, site, problems } = context;
  const never = node.entries.get('never');
  const nodeOf = (key: keyof typeof written): Node | undefined => entryOf(never?.value, key)?.value;
  const [client, siteNode, userEntry, scope, audience] = [
    nodeOf('client'),
    nodeOf('site'),
    entryOf(never?.value, 'user'),
    nodeOf('scope'),
    nodeOf('audience'),
  ];
  if (never === undefined) return undefined;
  const of = {
    client: client && names.wanted(client, (one) => names.client(one, site)),
    audience: audience && names.wanted(audience, (one) => names.audience(one, site)),
    scope: scope && names.wantedScope(scope),
    site: siteNode && names.site(siteNode),
    user: userEntry && (names.user(userEntry.value, site) as UserAddress | undefined),
  };
  const isSound = userEntry === undefined || checkGrantOfUser(never, written.grant_type, userEntry, problems);
  const isKnown = [
    [client, of.client],
    [audience, of.audience],
    [scope, of.scope],
    [siteNode, of.site],
    [userEntry, of.user],
  ].every(([node, found]) => node === undefined || found !== undefined);
  const { client_type, grant_type } = written;
  if (!isSound || !isKnown || !fitsSomething(of, never, context)) return undefined;
  if (!isGrantOf(client_type, grant_type, never, context)) return undefined;
  return { client_type, grant_type, ...of };
}

/** Whether there is an application that both the client and the site of an invariant can mean (told). */
function fitsSomething(
  { client, site }: { readonly client: Wanted<ApplicationAddress> | undefined; readonly site: string | undefined },
  never: Entry,
  { names, problems }: TestContext,
): boolean {
  if (client === undefined || site === undefined) return true;
  const fits =
    'is' in client
      ? siteOf(client.is) === site
      : names.clientNames().some(([name, address]) => siteOf(address) === site && isLike(name, client.like));
  if (fits) return true;
  problems.push(
    report('test.nothing-fits', {
      detail: `no application of site ${site} is the client that never names`,
      help: 'Correct one of the two, or remove site.',
      range: rangeOf(spanOfEntry(entryOf(never.value, 'client') ?? never)),
    }),
  );
  return false;
}

/** Whether clients of the type may use the grant at all (told): no public one may, of those for confidential clients (N-10). */
function isGrantOf(
  client_type: string | undefined,
  grant_type: string | undefined,
  never: Entry,
  { problems }: TestContext,
): boolean {
  if (client_type !== 'public' || (grant_type !== 'client_credentials' && grant_type !== 'password')) return true;
  problems.push(
    report('test.nothing-fits', {
      detail: `no public client may use ${grant_type}, whatever the spec says`,
      help: 'Correct one of the two, or remove the test.',
      range: rangeOf(spanOfEntry(entryOf(never.value, 'grant_type') ?? never)),
    }),
  );
  return false;
}

/** Whether what is written about a user goes with the grant that is written beside it (told). */
function checkGrantOfUser(
  within: Entry,
  grant_type: string | undefined,
  about: Entry,
  problems: Diagnostic[],
): boolean {
  if (grant_type === undefined || GRANT_TYPES_WITH_USER.includes(grant_type)) return true;
  tellUnusedUser(entryOf(within.value, 'grant_type') ?? about, problems);
  return false;
}

/** Tells of something that means a user, where none acts. */
export function tellUnusedUser(entry: Entry, problems: Diagnostic[]): void {
  problems.push(
    report('test.user-unused', {
      detail: 'by client_credentials no user lets the client act, so there is none to ask about',
      help: `Remove what is about a user, or write a grant of a user: ${GRANT_TYPES_WITH_USER.join(', ')}.`,
      range: rangeOf(spanOfEntry(entry)),
    }),
  );
}
