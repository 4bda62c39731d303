// Owns a written spec with logins, a policy that lets a name have one value, and memberships that end; and what explain
// says of it. Never asserts.

import { callingsOf } from '../../src/explain/callings.ts';
import { explain } from '../../src/explain/explain.ts';
import { explainLines } from '../../src/explain/explain-text.ts';
import type { ExplainQuestion } from '../../src/explain/nameable.ts';
import { whatCan } from '../../src/explain/what-can.ts';
import { whatCanLines } from '../../src/explain/what-can-text.ts';
import type { World } from '../../src/explain/world.ts';
import { applicationAddress, type UserAddress, userAddress } from '../../src/model/address.ts';
import { type Line, layOut } from '../../src/plan/columns.ts';
import { styleFor } from '../../src/plan/style.ts';
import { worldOfText } from './state-world.ts';

export const NOW = Date.UTC(2026, 10, 22);

export const CLINIC = `server: { issuer: https://localhost:8443 }
methods: { svc: { type: client_credentials }, pw: { type: password }, sms: { type: password } }
scopes: { write: { descriptions: [{ key: en, value: Write }] } }
---
site: Clinic
methods: [svc, pw, sms]
applications:
  web:
    methods: [svc, pw]
    allowed_to: [everyone]
    secret: { env: S }
    metadata: { redirect_uris: ["https://example.org/cb"], grant_types: [authorization_code], scope: records write }
  records: { methods: [svc, pw], allowed_to: [doctors, nurses], policy: duties, metadata: { grant_types: [] } }
  nightly: { methods: [svc], secret: { env: S }, impersonates: bot, metadata: { grant_types: [client_credentials], scope: records } }
  lonely: { methods: [svc], secret: { env: S }, metadata: { grant_types: [client_credentials] } }
groups:
  doctors: { members: [kim, { user: cy, expires: 2030-01-01 }] }
  nurses: { members: [kim, cy, ann] }
users:
  kim: { methods: [pw] }
  cy: { methods: [pw] }
  ann: { methods: [pw], expires: 2035-01-01 }
  lou: { methods: [pw], not_before: 2030-01-01 }
  sue: { methods: [sms] }
  bot: { methods: [svc] }
policies:
  duties:
    items:
      - { name: duty, group: doctors, value: "text:doctor" }
      - { name: duty, group: nurses, value: "text:nurse" }
    single_value: [duty]
`;

export function clinic(edit: (text: string) => string = (text) => text): World {
  return worldOfText(edit(CLINIC), NOW);
}

export interface Typed extends Partial<Omit<ExplainQuestion, 'client' | 'user'>> {
  readonly client?: string;
  readonly user?: string;
}

export function questionOf({ client = 'web', user, ...asked }: Typed): ExplainQuestion {
  const open = { grant_type: undefined, scope: undefined, method: undefined, ip: undefined };
  return {
    ...open,
    ...asked,
    client: applicationAddress('Clinic', client),
    user: user === undefined ? undefined : clinicUser(user),
  };
}

export function clinicUser(name: string): UserAddress {
  return userAddress('Clinic', name);
}

/** What `explain` says, each line without the spaces around it and between its columns. */
export function said(world: World, typed: Typed): readonly string[] {
  const naming = callingsOf(world.index.state);
  const explanation = explain(world, questionOf(typed), naming, { withEdits: true });
  return plain(explainLines(explanation, { world, naming, full: false }));
}

/** What `what-can` says of a user. */
export function canDo(world: World, user: string): readonly string[] {
  const naming = callingsOf(world.index.state);
  const answer = whatCan(world, clinicUser(user), { ip: undefined }, naming);
  return plain(whatCanLines(answer, { world, naming, full: false }));
}

function plain(lines: readonly Line[]): readonly string[] {
  return layOut(lines, styleFor({ color: false }))
    .map((line) => line.trim().replace(/ {2,}/g, '  '))
    .filter((line) => line !== '');
}
