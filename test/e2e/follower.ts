// Owns a server of the monorepo that follows main by its own clone, and what clients and the ledger ask of it. Never knows
// what a step of a story expects.

import { basic, eventually, payload, post, type Reply, type Server, type Workspace } from './charter.ts';
import type { Clone } from './teams.ts';

export interface Followed {
  readonly generation: number;
  readonly digest: string;
  readonly degraded: boolean;
  readonly held: readonly string[];
  readonly last_reload: { readonly problems: readonly string[] };
}

export interface Follower {
  readonly server: Server;
  status(): Promise<Followed>;
  /** Pulls main into what is served; resolves when the server serves exactly that, and says so. */
  followMain(digest: string): Promise<Followed>;
  /** A token request with the secret that the environment has for the client. */
  request(client: string, scope: string): Promise<Reply>;
  /** The audiences of the token that a client gets now. Throws where it gets none. */
  audiences(client: string, scope: string): Promise<readonly string[]>;
  /** Whether the ledger takes the token. */
  isActive(accessToken: string): Promise<boolean>;
}

export function createFollower(
  workspace: Workspace,
  server: Server,
  { git }: Clone,
  env: Readonly<Record<string, string>>,
): Follower {
  const secretOf = (client: string) => env[`${client.replace('-', '_').toUpperCase()}_SECRET`] ?? '';
  const follower: Follower = {
    server,
    status: async () => (await server.status()) as unknown as Followed,
    async followMain(digest) {
      git('pull', '--quiet', '--ff-only');
      return await eventually(async () => {
        const now = await follower.status();
        if (now.digest !== digest || now.degraded) throw new Error(`${JSON.stringify(now)}\n${server.output()}`);
        return now;
      });
    },
    request: (client, scope) =>
      post(workspace, '/token', { grant_type: 'client_credentials', scope }, basic(client, secretOf(client))),
    async audiences(client, scope) {
      const { status, body } = await follower.request(client, scope);
      if (status !== 200) throw new Error(`${client} gets no token: ${JSON.stringify(body)}`);
      return payload(body.access_token).aud;
    },
    async isActive(accessToken) {
      const credentials = basic('ledger-api', secretOf('ledger-api'));
      const { status, body } = await post(workspace, '/introspect', { token: accessToken }, credentials);
      if (status !== 200) throw new Error(`the ledger cannot ask: ${JSON.stringify(body)}`);
      return body.active;
    },
  };
  return follower;
}
