// Owns the specs that the benchmarks of serving serve, as documents by file name, for an issuer on a port. Never starts anything.

const METHOD = 'client.credentials.1';

/**
 * What is measured most: a client that acts as a user, and two servers that are open to groups of this user. Client1 gets JWTs,
 * Client2 the same as opaque tokens.
 */
export function authorizedAccess(port) {
  return {
    'server.yaml': server(port),
    'site.yaml': {
      ...site('Example'),
      applications: {
        Client1: client({ metadata: asking('Server1 Server2') }),
        Client2: client({ impersonates: 'User2', metadata: asking('Server1 Server2'), tokens: { format: 'opaque' } }),
        Server1: receiver('Group1'),
        Server2: receiver('Group2'),
      },
      groups: {
        ClientGroup: { members: ['User1', 'User2'] },
        Group1: { methods: [METHOD], members: ['User1', 'User2'] },
        Group2: { methods: [METHOD], members: ['User2', 'group:Group1'] },
      },
      users: { User1: {}, User2: {} },
    },
  };
}

export const REDIRECT_URI = 'https://web.example.com/callback';

/** A web application that asks people each time, and somebody who logs in there. */
export function webApplication(port) {
  const methods = ['password.1'];
  return {
    'server.yaml': {
      server: { issuer: `http://localhost:${port}` },
      methods: { 'password.1': { type: 'password' } },
    },
    'site.yaml': {
      ...{ site: 'Example', methods, defaults: { applications: { methods }, users: { methods } } },
      applications: {
        Web: {
          secret,
          allowed_to: ['everyone'],
          consent: { required: true },
          metadata: {
            grant_types: ['authorization_code'],
            redirect_uris: [REDIRECT_URI],
            code_challenge_method: 'S256',
            id_token_signed_response_alg: 'ES256',
            scope: 'profile',
          },
        },
      },
      users: { ada: { password: secret } },
    },
  };
}

/** A resource of each kind, with a client that may use it. `upstream`: the server behind. */
export function protectedResource(port, upstream) {
  return {
    'server.yaml': {
      ...server(port),
      scopes: { 'orders:read': { descriptions: [{ key: 'en', value: 'Read orders' }] } },
      resources: {
        orders: {
          ...{ host: 'api.example.com', path: '/orders', upstream },
          access_rules: [{ client: 'Shop/portal', scopes: ['orders:read'] }],
        },
      },
    },
    'site.yaml': {
      ...site('Shop'),
      applications: { portal: { secret, allowed_to: ['Callers'], metadata: asking('orders:read') } },
      groups: { Callers: { methods: [METHOD] } },
    },
  };
}

/** Clients c0, c1 …, a hundred in a site with a user and two servers of its own: as many teams as are needed. */
export function manyClients(port, count) {
  const documents = { 'server.yaml': server(port) };
  for (let first = 0; first < count; first += CLIENTS_OF_A_SITE) {
    const name = `Team${first / CLIENTS_OF_A_SITE}`;
    const scope = `${name}.One ${name}.Two`;
    const applications = {
      One: { client_id: `${name}.One`, ...receiver('Callers') },
      Two: { client_id: `${name}.Two`, ...receiver('Callers') },
    };
    for (let at = first; at < Math.min(count, first + CLIENTS_OF_A_SITE); at += 1) {
      applications[`c${at}`] = { secret, impersonates: 'User1', allowed_to: ['Callers'], metadata: asking(scope) };
    }
    const groups = { Callers: { methods: [METHOD], members: ['User1'] } };
    documents[`${name}.yaml`] = { ...site(name), applications, groups, users: { User1: {} } };
  }
  return documents;
}

const CLIENTS_OF_A_SITE = 100;

/** A client whose user is in so many groups; its two servers are open to the first and the last of them. */
export function manyGroups(port, count) {
  const names = Array.from({ length: count }, (_, at) => `Group${at}`);
  return {
    'server.yaml': server(port),
    'site.yaml': {
      ...site('Example'),
      applications: {
        Client1: { secret, impersonates: 'User1', allowed_to: names.slice(0, 1), metadata: asking('Server1 Server2') },
        Server1: receiver(names[0]),
        Server2: receiver(names.at(-1)),
      },
      groups: Object.fromEntries(names.map((name) => [name, { methods: [METHOD], members: ['User1'] }])),
      users: { User1: {} },
    },
  };
}

function server(port) {
  return { server: { issuer: `http://localhost:${port}` }, methods: { [METHOD]: { type: 'client_credentials' } } };
}

function site(name) {
  const methods = [METHOD];
  return { site: name, methods, defaults: { applications: { methods }, users: { methods } } };
}

const secret = { env: 'SECRET' };

function client(more) {
  return { secret, impersonates: 'User1', allowed_to: ['ClientGroup'], ...more };
}

function asking(scope) {
  return { grant_types: ['client_credentials'], scope };
}

function receiver(group) {
  return { secret, allowed_to: [group], metadata: { grant_types: [] } };
}
