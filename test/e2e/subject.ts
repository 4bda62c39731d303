// Owns the two subjects of SEMANTICS 2.7 as values that a test can change link by link.

import type { Workspace } from './charter.ts';

export const METHOD = 'client.credentials.1';

export interface Application {
  client_id?: string;
  enabled?: boolean;
  secret?: object;
  secrets?: object[];
  methods?: string[];
  impersonates?: string | string[];
  allowed_to?: string[];
  metadata?: Record<string, unknown>;
  tokens?: Record<string, unknown>;
  audience_mode?: string;
  policy?: string;
}

export interface Subject {
  methods: Record<string, { type: string; enabled?: boolean }>;
  site: {
    site: string;
    methods?: string[];
    applications: Record<string, Application>;
    groups: Record<string, { methods?: string[]; members?: string[] }>;
    users: Record<
      string,
      {
        methods?: string[];
        enabled?: boolean;
        not_before?: string;
        expires?: string;
        attributes?: Record<string, string | string[]>;
      }
    >;
    policies?: Record<string, { items?: object[]; required?: string[]; single_value?: string[] }>;
  };
}

/** Ex-1, the single application. */
export function singleApplication(): Subject {
  return {
    methods: { [METHOD]: { type: 'client_credentials' } },
    site: {
      site: 'Example',
      methods: [METHOD],
      groups: { Group1: { methods: [METHOD] } },
      applications: {
        Client1: {
          methods: [METHOD],
          allowed_to: ['Group1'],
          metadata: { grant_types: ['client_credentials'] },
          secret: { env: 'CLIENT1_SECRET' },
        },
      },
      users: {},
    },
  };
}

/** Ex-2, authorized access: Client1 as User1 to Server1 and Server2, through three groups. */
export function authorizedAccess(): Subject {
  const server = (name: string, group: string): Application => ({
    methods: [METHOD],
    allowed_to: [group],
    secret: { env: `${name.toUpperCase()}_SECRET` },
    metadata: { grant_types: [] },
  });
  return {
    methods: { [METHOD]: { type: 'client_credentials' } },
    site: {
      site: 'Example',
      methods: [METHOD],
      applications: {
        Client1: {
          methods: [METHOD],
          impersonates: 'User1',
          allowed_to: ['ClientGroup'],
          secret: { env: 'CLIENT1_SECRET' },
          metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2' },
        },
        Server1: server('Server1', 'Group1'),
        Server2: server('Server2', 'Group2'),
      },
      groups: {
        ClientGroup: { members: ['User1'] },
        Group1: { methods: [METHOD], members: ['User1'] },
        Group2: { methods: [METHOD], members: ['User1'] },
      },
      users: { User1: { methods: [METHOD] } },
    },
  };
}

/** The secrets that the subjects refer to. */
export const SECRETS = { CLIENT1_SECRET: 'secret', SERVER1_SECRET: 'server1-secret', SERVER2_SECRET: 'server2-secret' };

/** Writes the subject as a spec: the server in one file, the site in another. */
export function writeSubject(workspace: Workspace, subject: Subject): void {
  workspace.write('server.yaml', {
    server: { issuer: workspace.issuer, profiles: ['ubisecure'], directory: { base_dn: 'cn=Ubilogin,dc=test' } },
    methods: subject.methods,
  });
  workspace.write('example.yaml', subject.site);
}
