// Owns the spec that the pipelines of examples/ci work on in tests, and the edits that somebody makes of it.

const SPEC = `server:
  issuer: http://localhost:8080
methods:
  secret: { type: client_credentials }
---
site: Example
methods: [secret]
defaults:
  applications: { methods: [secret] }
  users: { methods: [secret] }

applications:
  Client1:
    secret: { env: CLIENT1_SECRET }
    impersonates: User1
    metadata:
      grant_types: [client_credentials]
      scope: Orders Payments
  Orders: { allowed_to: [Readers], metadata: { grant_types: [] } }
  Payments: { allowed_to: [Payers], metadata: { grant_types: [] }, restricted: true }

groups:
  Readers: { members: [User2] }
  Payers: { members: [User2] }

users:
  User1: {}
  User2: {}
`;

/** Where every pipeline begins: two users, one of whom Client1 impersonates, and who reaches nothing yet. */
export const BASE = file(SPEC);

/** Client1 gains Orders: a change like any other. */
export const READS = file(edited(SPEC, 'Readers: { members: [User2] }', 'Readers: { members: [User1, User2] }'));

/** Client1 gains Payments, which is restricted: a risk. */
export const PAYS = file(edited(SPEC, 'Payers: { members: [User2] }', 'Payers: { members: [User1, User2] }'));

/** The same, approved where it is reviewed. `risk` is a line of `approvals:`. */
export function approved(risk: string): Readonly<Record<string, string>> {
  const [text = ''] = Object.values(PAYS);
  return file(edited(text, '---\n', `approvals:\n  - ${risk}\n---\n`));
}

/** A reference to nobody. */
export const INVALID = file(edited(SPEC, 'Readers: { members: [User2] }', 'Readers: { members: [Usr2] }'));

/** What anybody may commit beside the spec. */
export const BESIDE = { 'README.md': 'Nothing about access.\n' };

/** Another team's change, which lands on main meanwhile. */
export const NEW_USER = {
  'config/more.yaml': 'site: Example\nusers:\n  User3: {}\ngroups:\n  Others: { members: [User3] }\n',
};

function file(text: string): Readonly<Record<string, string>> {
  return { 'config/charter.yaml': text };
}

function edited(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the spec has no ${from}`);
  return text.replace(from, to);
}
