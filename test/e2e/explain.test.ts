// A running server and `charter explain` say the same of every client and every value, and an edit that explain suggests
// turns the server's no into a yes as soon as it is written.

import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import { isYes } from '../../src/explain/asking.ts';
import { applyEdit, type Edit } from '../../src/explain/edit.ts';
import type { ApplicationAddress } from '../../src/model/address.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { writeSpec } from '../../src/spec/write-spec.ts';
import { charterHere } from '../cli/case.ts';
import { declaredStates } from '../explain/declared-states.ts';
import { createWorkspace, payload, post, type Reply, type Server, serve, settled, type Workspace } from './charter.ts';

/** It costs no Argon2id. */
const SECRET = formatGeneratedSecret(new Uint8Array(32));

const opened: { readonly workspace: Workspace; readonly server: Server }[] = [];
afterEach(async () => {
  for (const { workspace, server } of opened.splice(0)) {
    await server.stop();
    workspace.remove();
  }
});

/** Without what has to be approved: every new access would be held. */
function servable(state: State, issuer: string): State {
  return createState(
    [...state].map(([address, entity]) => {
      if (entity.kind === 'server') return [address, { ...entity, issuer }] as const;
      if (entity.kind !== 'application') return [address, entity] as const;
      const { restricted: _, protected: __, ...application } = entity;
      return [address, application] as const;
    }),
  );
}

function write(workspace: Workspace, state: State): void {
  for (const { path, text } of writeSpec(state)) workspace.write(path, text);
}

/** All that a client might ask for. */
function valuesOf(state: State): readonly string[] {
  return [
    ...[...entitiesOf(state, 'application')].map(([, { client_id }]) => client_id),
    ...[...entitiesOf(state, 'scope')].map(([address]) => address.slice('scope:'.length)),
  ];
}

interface Told {
  readonly granted: boolean;
  readonly refusal?: { readonly code: string; readonly error: string };
  readonly token?: { readonly claims: Readonly<Record<string, unknown>> };
  readonly suggestions?: readonly { readonly edits: readonly Edit[] }[];
}

async function explained(workspace: Workspace, client_id: string, value: string): Promise<Told> {
  const asked = ['explain', client_id, '--grant', 'client_credentials', '--scope', value, '--ip', '127.0.0.1'];
  const answer = await charterHere([...asked, '--json', '--dir', workspace.spec], workspace.root);
  expect(answer.stderr).toBe('');
  return JSON.parse(answer.stdout).grants[0];
}

/** Whether there is a token with the value in it. */
function isGiven({ status, body }: Reply, value: string): boolean {
  return status === 200 && (body.scope ?? value).split(' ').includes(value);
}

/** `charter token` says what the token says that was issued, but for what is random and when it was. */
async function expectToken(
  workspace: Workspace,
  { client_id, value }: { readonly client_id: string; readonly value: string },
  issued: string,
): Promise<void> {
  const answer = await charterHere(
    ['token', client_id, '--scope', value, '--json', '--store', workspace.store],
    workspace.root,
  );
  const { header, claims } = JSON.parse(answer.stdout);
  const [head = ''] = issued.split('.');
  const told = [JSON.parse(Buffer.from(head, 'base64url').toString()), payload(issued)];
  expect([header, claims].map((part) => Object.keys(part))).toEqual(told.map((part) => Object.keys(part)));
  const { iat, exp, jti: _, ...said } = payload(issued);
  const { iat: iatTold, exp: expTold, jti: __, ...saidTold } = claims;
  expect(saidTold).toEqual(said);
  expect(expTold - iatTold).toBe(exp - iat);
  expect(header).toMatchObject({ alg: told[0].alg, typ: told[0].typ });
}

/** By the loopback address that explain is asked about. */
function ask(workspace: Workspace, client_id: string, value: string): Promise<Reply> {
  const issuer = workspace.issuer.replace('localhost', '127.0.0.1');
  return post({ ...workspace, issuer }, '/token', {
    grant_type: 'client_credentials',
    client_id,
    client_secret: SECRET,
    scope: value,
  });
}

/** Of many random States those in which most is given: in most of them nothing is. */
const chosen = fc
  .sample(declaredStates, { numRuns: 300, seed: 6 })
  .map((state) => ({ state, given: givenIn(state) }))
  .sort((a, b) => b.given - a.given)
  .slice(0, 3);

function givenIn(state: State): number {
  const index = indexState(state);
  return [...entitiesOf(state, 'application')].flatMap(([client]) =>
    valuesOf(state).filter((value) => {
      const question = { client: client as ApplicationAddress, grant_type: 'client_credentials', scope: [value] };
      return isYes(decide(index, { ...question, ip: '127.0.0.1' }, Date.now()), question);
    }),
  ).length;
}

/** In how many of them a refusal was mended by what was suggested. */
let mended = 0;

it.each(chosen)(
  'the token endpoint agrees with explain about every pair of a State: $given are given',
  async ({ state: sampled, given }) => {
    const workspace = await createWorkspace();
    const state = servable(sampled, workspace.issuer);
    write(workspace, state);
    const server = await serve(workspace, { env: { SECRET } });
    opened.push({ workspace, server });
    const seen = { given: 0, refused: 0 };
    const helped: { client: ApplicationAddress; client_id: string; value: string; edits: readonly Edit[] }[] = [];
    for (const [address, { client_id }] of entitiesOf(state, 'application')) {
      for (const value of valuesOf(state)) {
        const [told, reply] = [await explained(workspace, client_id, value), await ask(workspace, client_id, value)];
        const pair = `${client_id} → ${value}: ${JSON.stringify(reply.body)}`;
        expect(isGiven(reply, value), pair).toBe(told.granted);
        seen[told.granted ? 'given' : 'refused'] += 1;
        if (reply.status === 200) {
          await expectToken(workspace, { client_id, value }, reply.body.access_token);
          continue;
        }
        expect(told.refusal?.error, pair).toBe(reply.body.error);
        expect(reply.body.error_description, pair).toMatch(new RegExp(`^${told.refusal?.code}\\b`));
        const edits = told.suggestions?.[0]?.edits;
        if (edits !== undefined) helped.push({ client: address as ApplicationAddress, client_id, value, edits });
      }
    }
    expect(seen.given).toBe(given);
    expect(given).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);

    const longest = helped.toSorted((a, b) => b.edits.length - a.edits.length)[0];
    // There are States in which nothing helps.
    if (longest === undefined) return;
    mended += 1;
    write(
      workspace,
      longest.edits.reduce((before, edit) => applyEdit(before, edit), state),
    );
    await settled(server);
    const after = await ask(workspace, longest.client_id, longest.value);
    expect(isGiven(after, longest.value), JSON.stringify({ longest, body: after.body })).toBe(true);
  },
  40_000,
);

it('what explain suggests for those turns a no of the token endpoint into a yes', () => {
  expect(mended).toBeGreaterThan(0);
});
