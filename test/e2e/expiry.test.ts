// What ends by itself in a running server: at its instant, without a reload. Five clients, of each another thing ends.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorkspace,
  eventually,
  introspect,
  payload,
  type Reply,
  type Server,
  serve,
  settled,
  token,
  type Workspace,
} from './charter.ts';
import { METHOD } from './subject.ts';

const SECRET = 'the-secret-of-every-application-here';
const CLIENTS = ['Member', 'Impersonator', 'Leaver', 'Tenant', 'Visitor'] as const;
type Client = (typeof CLIENTS)[number];
const SERVERS = ['Server1', 'Server2', 'Server3'] as const;

const userOf = (client: Client) => `${client}User`;

/**
 * Each client acts as a user named after it and reaches Server1. From the instant on Member is not in the group of
 * Server2, Impersonator acts as nobody, the user of Leaver is not active, Tenant is off, Visitor's group is not let into
 * Server1, and Server3, which Member reaches as well, is off.
 */
function writeSpec({ write, issuer }: Workspace, instant?: string): void {
  const ends = instant === undefined ? {} : { expires: instant };
  const only = (client: Client, name: Client) => (client === name ? ends : {});
  const scope = SERVERS.join(' ');
  const server = { secret: { env: 'SECRET' }, metadata: { grant_types: [] } };
  write('server.yaml', {
    server: { issuer, profiles: ['ubisecure'], directory: { base_dn: 'dc=test' } },
    methods: { [METHOD]: { type: 'client_credentials' } },
  });
  write('example.yaml', {
    site: 'Example',
    methods: [METHOD],
    defaults: { applications: { methods: [METHOD] }, users: { methods: [METHOD] } },
    applications: {
      Server1: { ...server, allowed_to: ['Lasting', { group: 'Visitors', ...ends }] },
      Server2: { ...server, allowed_to: ['Ending'] },
      Server3: { ...server, allowed_to: ['Lasting'], ...ends },
      ...Object.fromEntries(
        CLIENTS.map((client) => [
          client,
          {
            secret: { env: 'SECRET' },
            impersonates: { user: userOf(client), ...only(client, 'Impersonator') },
            metadata: { grant_types: ['client_credentials'], scope },
            ...only(client, 'Tenant'),
          },
        ]),
      ),
    },
    groups: {
      Lasting: { members: CLIENTS.filter((client) => client !== 'Visitor').map(userOf) },
      Ending: { members: [{ user: userOf('Member'), ...ends }] },
      Visitors: { members: [userOf('Visitor')] },
    },
    users: Object.fromEntries(CLIENTS.map((client) => [userOf(client), only(client, 'Leaver')])),
  });
}

/** What the server says of itself: generation, digest, since when, and when it last read its spec. */
type Status = Awaited<ReturnType<Server['status']>>;
type Tokens = Readonly<Record<Client, Reply>>;

let workspace: Workspace;
let server: Server;
/** Tokens from before anything had an end, and from when it had. */
let early: Tokens;
let fresh: Tokens;
/** How those tokens introspect before the instant, by server. */
let earlyBefore: readonly Reply[];
let freshBefore: readonly Reply[];
let statusBefore: Status;
let askedAt: number;
let instant: number;

async function takeTokens(): Promise<Tokens> {
  const replies = CLIENTS.map(async (client) => [client, await token(workspace, client, SECRET)] as const);
  return Object.fromEntries(await Promise.all(replies)) as Tokens;
}

const live = (reply: Reply, caller: string) => introspect(workspace, reply.body.access_token, caller, SECRET);
const liveAtServers = (reply: Reply) => Promise.all(SERVERS.map((caller) => live(reply, caller)));
const audienceOf = (reply: Reply): readonly string[] => payload(reply.body.access_token).aud;

beforeAll(async () => {
  workspace = await createWorkspace();
  writeSpec(workspace);
  server = await serve(workspace, { env: { SECRET } });
  early = await takeTokens();
  // All that has to be seen before the end takes a fraction of this; where it does not, there is a later one.
  for (let ahead = 3000; ; ahead *= 2) {
    instant = Date.now() + ahead;
    writeSpec(workspace, new Date(instant).toISOString());
    await settled(server);
    statusBefore = await server.status();
    askedAt = Date.now();
    fresh = await takeTokens();
    earlyBefore = await liveAtServers(early.Member);
    freshBefore = await liveAtServers(fresh.Member);
    if (Date.now() < payload(fresh.Member.body.access_token).exp * 1000) break;
  }
});

afterAll(async () => {
  await server.stop();
  workspace.remove();
});

describe('DESIGN 1: up to its instant what will end holds', () => {
  it('gives all that it gives, in tokens that end no later than it', () => {
    expect(audienceOf(early.Member)).toEqual([...SERVERS]);
    expect(early.Member.body.expires_in).toBe(3600);
    expect(audienceOf(fresh.Member)).toEqual([...SERVERS]);
    for (const client of CLIENTS) {
      expect(audienceOf(fresh[client])).toContain('Server1');
      expect(payload(fresh[client].body.access_token).exp * 1000).toBeLessThanOrEqual(instant);
      expect(fresh[client].body.expires_in).toBeLessThanOrEqual((instant - askedAt) / 1000);
    }
  });

  it('leaves tokens alive at every server', () => {
    for (const { body } of [...earlyBefore, ...freshBefore]) expect(body).toMatchObject({ active: true });
  });
});

describe('DESIGN 1: at its instant', () => {
  /** The first answer that differs comes at the instant or after it. */
  async function inactive(reply: Reply, caller: string): Promise<void> {
    await eventually(
      async () => {
        const { body } = await live(reply, caller);
        if (body.active !== false) throw new Error('still active');
      },
      instant - Date.now() + 10_000,
    );
    expect(Date.now()).toBeGreaterThanOrEqual(instant);
  }

  it('S:R-3 a membership takes its audience out of live tokens, and out of the next', async () => {
    await inactive(early.Member, 'Server2');
    expect((await live(early.Member, 'Server1')).body).toMatchObject({ active: true });
    expect((await live(fresh.Member, 'Server1')).body).toEqual({ active: false });
    const next = await token(workspace, 'Member', SECRET);
    expect(audienceOf(next)).toEqual(['Server1']);
    expect(next.body).toMatchObject({ expires_in: 3600, scope: 'Server1' });
    expect((await live(next, 'Server1')).body).toMatchObject({ active: true });
    const named = await token(workspace, 'Member', SECRET, 'Server2');
    expect(named.body.error_description).toBe('NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP');
  });

  it('an impersonation ends what the client has as that user', async () => {
    await inactive(early.Impersonator, 'Server1');
    const named = await token(workspace, 'Impersonator', SECRET, 'Server1');
    expect(named).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect(named.body.error_description).toMatch(/^NO_IMPERSONATION/);
  });

  it('S:U-32 a user is not active', async () => {
    await inactive(early.Leaver, 'Server1');
    const next = await token(workspace, 'Leaver', SECRET);
    expect(next).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect(next.body.error_description).toMatch(/^USER_NOT_ACTIVE/);
  });

  it('S:U-33 an application is off, as a client and as an audience', async () => {
    await inactive(early.Tenant, 'Server1');
    expect(await token(workspace, 'Tenant', SECRET)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await live(early.Member, 'Server3')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const named = await token(workspace, 'Member', SECRET, 'Server3');
    expect(named.body.error_description).toBe('NO_AUDIENCE: Server3 APPLICATION_DISABLED');
  });

  it('a group is no longer let in', async () => {
    await inactive(early.Visitor, 'Server1');
    const named = await token(workspace, 'Visitor', SECRET, 'Server1');
    expect(named.body.error_description).toBe('NO_AUDIENCE: Server1 NOT_IN_ALLOWED_GROUP');
  });

  it('and nothing was planned or published in between: one generation, one digest, no pass', async () => {
    expect(Date.now()).toBeGreaterThanOrEqual(instant);
    const status = await server.status();
    expect(status).toEqual(statusBefore);
    expect(status.last_reload).toMatchObject({ outcome: 'published' });
    await settled(server);
  });
});
