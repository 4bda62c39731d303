// Owns the resources that tests protect, beside what spec.ts has. Never serves.

import type { Documents } from './spec.ts';
import type { Edit } from './world.ts';

export const HOST = 'api.example';

/** With resources behind `upstream`. */
export function withResources(upstream: string | undefined, more: Edit = () => undefined): Edit {
  return (documents: Documents) => {
    const { server, site } = documents;
    const behind = upstream === undefined ? {} : { upstream };
    site.applications.other.metadata.scope = 'api archive notes drafts profile email';
    // Calls for itself, and only from one network.
    site.applications.batch.allowed_to = ['Batch', 'everyone'];
    site.applications.gadget = {
      secret: { env: 'CLIENT_SECRET' },
      methods: ['client.credentials.1'],
      allowed_to: ['Batch'],
      client_ip_range: ['10.1.0.0/16'],
      metadata: { grant_types: ['client_credentials'], scope: 'notes' },
    };
    server.resources = {
      notes: {
        host: HOST,
        path: '/notes',
        ...behind,
        access_rules: [{ client: 'Example/web', scopes: ['notes', 'drafts'] }],
      },
      api: { host: HOST, path: '/api', ...behind, access_rules: [{ audience: 'Example/api' }] },
      admin: { host: HOST, path: '/api/admin', ...behind, access_rules: [{ audience: 'Example/archive' }] },
      purge: { host: HOST, path: '/api/all:purge', ...behind, access_rules: [{ audience: 'Example/archive' }] },
      reading: {
        ...{ host: HOST, path: '/reading', methods: ['GET', 'HEAD'], ...behind },
        access_rules: [{ audience: 'Example/api', scopes: ['notes'] }],
      },
      either: {
        ...{ host: HOST, path: '/either', ...behind },
        access_rules: [
          { client: 'Example/other', scopes: ['drafts'] },
          { client: 'Example/batch', scopes: ['notes'] },
          { client: 'Example/gadget' },
        ],
      },
      staff: {
        host: HOST,
        path: '/staff',
        ...behind,
        access_rules: [{ audience: 'Example/api' }, { group: 'Example/Archivists' }],
      },
      inside: {
        host: HOST,
        path: '/inside',
        ...behind,
        access_rules: [{ audience: 'Example/api' }, { ip: ['10.0.0.0/8'] }],
      },
      typed: {
        host: HOST,
        path: '/typed',
        ...behind,
        access_rules: [{ audience: 'Example/api' }, { method: 'password.1' }],
      },
      open: { host: HOST, path: '/keeps', ...behind, forward_token: true, access_rules: [{ audience: 'Example/api' }] },
      everywhere: {
        ...{ host: HOST, path: '/anywhere', ...behind, token_locations: ['header', 'body', 'query'] },
        access_rules: [{ audience: 'Example/api' }],
      },
    };
    more(documents);
  };
}
