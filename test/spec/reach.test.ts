// What the warning application.unreachable advises can be followed, and ends it.

import { expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';

const SPEC = `server: { issuer: https://localhost:8443 }
methods: { svc: { type: client_credentials } }
---
site: East
methods: [svc]
applications:
  job:
    methods: [svc]
    secret: { env: S }
    allowed_to: [everyone]
    metadata: { grant_types: [client_credentials] }
`;
const USERS = 'users: { u: { methods: [svc] } }\n';

/** What is advised, and undefined where nothing is warned of. */
function helpOf(text: string): string | undefined {
  const { diagnostics } = compile([{ path: 'spec.yaml', text }]);
  return diagnostics.find(({ code }) => code === 'application.unreachable')?.help;
}

it('a client that acts as itself and is open to everyone is to name a group that lists its method', () => {
  expect(helpOf(SPEC + USERS)).toBe(
    'Name in allowed_to a group that lists the method of type client_credentials; it needs no members. everyone stands for users alone.',
  );
  expect(helpOf(`${SPEC.replace('    allowed_to: [everyone]\n', '')}${USERS}`)).toBe(
    'Name in allowed_to a group that lists the method of type client_credentials; it needs no members.',
  );
  const followed = `${SPEC.replace('[everyone]', '[everyone, jobs]')}groups: { jobs: { methods: [svc] } }\n${USERS}`;
  expect(helpOf(followed)).toBeUndefined();
});

it('an application that is open to everyone of a site without users is to get users', () => {
  const server = `${SPEC}  api: { methods: [svc], allowed_to: [everyone] }\n`.replace('[everyone]', '[jobs]');
  const groups = 'groups: { jobs: { methods: [svc] } }\n';
  expect(helpOf(server + groups)).toBe('Declare users in the site of its everyone, or name a group that has members.');
  expect(helpOf(server + groups + USERS)).toBeUndefined();
});
