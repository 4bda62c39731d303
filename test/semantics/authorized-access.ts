// Owns the configuration of the system's own examples (SEMANTICS Ex-1, Ex-2): a client that acts as a user, and servers that the
// user's groups open. Tests change a copy of it.

import { type Documents, type Spec, withUbisecure } from '../protocol/spec.ts';

const METHOD = 'client.credentials.1';
const secret = { env: 'CLIENT_SECRET' };

const server = (allowed_to: readonly string[]) => ({
  secret,
  methods: [METHOD],
  allowed_to,
  metadata: { grant_types: [] },
});

/** Client1 impersonates User1, whose groups open Server1, Server2 and Client1 itself. */
export function withAuthorizedAccess(documents: Documents): void {
  withUbisecure(documents);
  const { site } = documents;
  site.methods = [METHOD];
  site.applications = {
    Client1: {
      secret,
      methods: [METHOD],
      impersonates: 'User1',
      allowed_to: ['ClientGroup'],
      metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2' },
    },
    Server1: server(['Group1']),
    Server2: server(['Group2']),
  };
  site.groups = {
    ClientGroup: { members: ['User1'] },
    Group1: { methods: [METHOD], members: ['User1'] },
    Group2: { methods: [METHOD], members: ['User1'] },
  } satisfies Record<string, Spec>;
  site.users = { User1: { methods: [METHOD] } };
}

/** The application alone: nobody is acted for (Ex-1). */
export function withSingleApplication(documents: Documents): void {
  withUbisecure(documents);
  const { site } = documents;
  site.methods = [METHOD];
  site.applications = {
    Client1: { secret, methods: [METHOD], allowed_to: ['Group1'], metadata: { grant_types: ['client_credentials'] } },
  };
  site.groups = { Group1: { methods: [METHOD] } };
  site.users = {};
}
