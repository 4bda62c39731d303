// Two teams of a monorepo with real Git, a store and a server that follows main: what each plan tells its reviewer, what is
// applied after it, and which tokens are given before and after (DESIGN 3, 5).

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, demoEnvironment, eventually, serve, type Workspace } from './charter.ts';
import { createFollower, type Follower } from './follower.ts';
import { type Clone, createTeams, type Teams } from './teams.ts';

const ENV: Readonly<Record<string, string>> = { ...demoEnvironment('monorepo'), RETURNS_SECRET: 'returns-demo-secret' };

let workspace: Workspace;
let teams: Teams;
let orders: Clone;
let payments: Clone;
let platform: Clone;
/** Who applies. */
let operator: Clone;
/** What the server serves: a clone that pulls main. */
let serving: Clone;
/** The server, and who asks it. */
let served: Follower;

const store = () => ['--store', workspace.store];
const savedPlan = (name: string) => join(workspace.root, `${name}.json`);

beforeAll(async () => {
  workspace = await createWorkspace();
  // The clone that is served takes its place.
  rmSync(workspace.spec, { recursive: true });
  teams = createTeams(workspace, ENV);
  orders = teams.clone('orders-team', 'Olga Orders');
  payments = teams.clone('payments-team', 'Pat Payments');
  platform = teams.clone('platform-team', 'Pia Platform');
  operator = teams.clone('operator', 'Otto Operator');
  serving = teams.clone('config', 'Server');
  const applied = await operator.charter('apply', '.', ...store());
  expect(applied, applied.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied generation 1') });
  served = createFollower(workspace, await serve(workspace, { env: ENV }), serving, ENV);
});

afterAll(async () => {
  await served.server.stop();
  workspace.remove();
});

/** The line of a clone that a place of a plan names, `FILE:LINE:COLUMN`, from its column on. */
function lineAt(clone: Clone, { file, start }: { file: string; start: { line: number; column: number } }): string {
  return (readFileSync(join(clone.directory, file), 'utf8').split('\n')[start.line - 1] ?? '').slice(start.column - 1);
}

const ORDERS = 'orders/orders.yaml';
const RETURNS = `  returns:
    secret: { env: RETURNS_SECRET }
    allowed_to: [checkouts]
    impersonates: returns-service
    tokens: { format: opaque }
    metadata:
      grant_types: [client_credentials]
      scope: ledger-api
`;

/** A branch without the application, its user, and what was given to it. */
function retireReturns(): void {
  orders.branch('orders/no-returns');
  orders.edit(ORDERS, / {2}returns-desk:\n(?: {4}.*\n)+/, '');
  orders.edit(ORDERS, '  - { from: returns, to: returns-desk }\n', '');
  orders.edit(ORDERS, ', returns-service] }', '] }');
  orders.edit(ORDERS, '  returns-service: {}\n', '');
  orders.edit('payments/access.yaml', ', Orders/returns-service', '');
  orders.git('rm', '--quiet', 'payments/approvals.yaml');
  orders.commit('No returns any more');
}

// Each step starts some processes.
describe('two teams', { timeout: 90_000 }, () => {
  it('a team cannot take what is another team’s', async () => {
    expect(await served.audiences('checkout', 'ledger-api')).toEqual(['ledger-api', 'checkout']);
    orders.branch('orders/returns');
    orders.edit(ORDERS, /^groups:/m, `${RETURNS}\ngroups:`);
    orders.edit(ORDERS, '[checkout-service] }', '[checkout-service, returns-service] }');
    orders.edit(
      ORDERS,
      '  checkout-service: {}',
      '  checkout-service: {}\n  returns-service: { member_of: [Payments/ledger-writers] }',
    );
    orders.commit('Returns are paid back');

    const taken = await orders.plan('--against', 'ref:main');
    expect(taken.code).toBe(3);
    expect(taken.stderr).toContain('error[link.not-given] Link is not given by the other site');
    expect(taken.stderr).toContain(
      'The team of site Payments adds Orders/returns-service to members of ledger-writers (payments/access.yaml:6:',
    );
    expect(taken.plan).toMatchObject({
      outcome: { exit_code: 3 },
      diagnostics: [{ code: 'link.not-given', severity: 'error' }],
    });
  });

  it('what the other team gives is shown with its chain and its line, and waits for an approval that lands with it', async () => {
    payments.git('fetch', '--quiet', orders.directory, 'orders/returns');
    payments.git('checkout', '--quiet', '-b', 'orders/returns', 'FETCH_HEAD');
    payments.edit(ORDERS, ' member_of: [Payments/ledger-writers] ', '');
    payments.edit(
      'payments/access.yaml',
      'Orders/checkout-service]',
      'Orders/checkout-service, Orders/returns-service]',
    );
    payments.commit('Returns may write to the ledger');

    const given = await payments.plan('--against', 'ref:main');
    expect(given.code, given.stderr).toBe(5);
    expect(given.stdout).toMatch(
      /\+ Orders\/returns +→ Payments\/ledger-api +as Orders\/returns-service, through Payments\/ledger-writers +\S+:\d+:\d+/,
    );
    expect(given.stdout).toContain('~ members   + Orders/returns-service            widens');
    const [risk] = given.plan.risks;
    expect(risk).toMatchObject({ kind: 'restricted', subject: 'Payments/ledger-api', approvable: true });
    expect(given.stdout).toContain(`--approve ${risk.approve}`);
    expect(given.plan).toMatchObject({
      base: { kind: 'ref' },
      outcome: { exit_code: 5 },
      summary: { add: 2, change: 2, delete: 0 },
    });
    const gained = given.plan.access_changes.find(({ audience }: { audience?: string }) => audience === 'ledger-api');
    expect(gained).toMatchObject({
      effect: 'grant',
      client: 'application:Orders/returns',
      user: 'user:Orders/returns-service',
    });
    expect(lineAt(payments, gained.cause.source)).toBe('ledger-api');

    payments.write('payments/approvals.yaml', `approvals:\n  - ${risk.approve}\n`);
    payments.commit('Approve that returns write to the ledger');
    const approved = await payments.plan('--against', 'ref:main');
    expect(approved.code, approved.stdout).toBe(0);
    expect(approved.stdout).toContain('approved (approvals, payments/approvals.yaml:2:5)');
    expect(approved.plan.digest).toBe(given.plan.digest);
  });

  it('the merged plan is saved, applied as it is, and what the server has when it pulls', async () => {
    // Two more branches, planned before.
    platform.branch('platform/probe');
    platform.edit('platform/platform.yaml', '[gateway-service] }', '[gateway-service, probe-service] }');
    platform.edit('platform/platform.yaml', '  gateway-service: {}', '  gateway-service: {}\n  probe-service: {}');
    platform.commit('A probe beside the gateway');
    expect(await platform.plan(...store(), '--out', savedPlan('probe'))).toMatchObject({ code: 0 });
    payments.branch('payments/gateway');
    payments.edit(
      'payments/access.yaml',
      'Orders/checkout-service]',
      'Orders/checkout-service, Platform/gateway-service]',
    );
    payments.commit('The gateway may write to the ledger');
    expect(await payments.plan(...store(), '--out', savedPlan('gateway'))).toMatchObject({ code: 0 });

    const merged = payments.merge('orders/returns');
    operator.git('pull', '--quiet', '--ff-only');
    const planned = await operator.plan(...store(), '--out', savedPlan('returns'));
    expect(planned.code, planned.stderr).toBe(0);
    expect(planned.plan).toMatchObject({
      base: { kind: 'store', generation: 1 },
      config: { commit: merged },
      outcome: { exit_code: 0 },
    });

    expect((await served.request('returns', 'ledger-api')).status).toBe(401);
    const applied = await operator.charter('apply', savedPlan('returns'), '--dir', '.', ...store());
    expect(applied, applied.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied generation 2') });

    // A main that is older than what is applied undoes nothing: what is applied is served.
    await served.server.reload();
    expect(await served.status()).toMatchObject({
      generation: 2,
      degraded: true,
      held: [],
      last_reload: { reason: 'overtaken', errors: 0 },
    });
    expect((await served.request('returns', 'ledger-api')).status).toBe(200);

    expect(await served.followMain(planned.plan.result_digest)).toMatchObject({ generation: 2, held: [] });
    const { body } = await served.request('returns', 'ledger-api');
    expect(body.access_token).not.toContain('.');
    expect(await served.isActive(body.access_token)).toBe(true);
  });

  it('a plan that was saved before is stale: refused with who, when and what, and goes through where it does the same', async () => {
    const refused = await platform.charter('apply', savedPlan('probe'), ...store());
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(
      /generation 1 was planned, 2 is current\. Since then: generation 2, applied \d{4}-\d\d-\d\dT[\d:]+Z by Pat Payments.* from commit [0-9a-f]{12}: 2 to add, 2 to change\./,
    );
    expect((await served.status()).generation).toBe(2);

    const rebased = await platform.charter('apply', savedPlan('probe'), '--rebase', ...store());
    expect(rebased, rebased.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied generation 3') });
    platform.merge('platform/probe');
    const { plan } = await platform.plan(...store());
    expect(plan).toMatchObject({ resource_changes: [], access_changes: [], base: { generation: 3 } });
    expect(await served.followMain(plan.result_digest)).toMatchObject({ generation: 3 });
    expect(await served.audiences('checkout', 'ledger-api')).toEqual(['ledger-api', 'checkout']);
  });

  it('where it would do something else it is refused, and so is the merge', async () => {
    payments.git('checkout', '--quiet', 'payments/gateway');
    const refused = await payments.charter('apply', savedPlan('gateway'), '--rebase', ...store());
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('is not what was reviewed')]);
    expect(() => payments.merge('payments/gateway')).toThrow();
    expect(payments.git('status', '--porcelain')).toContain('UU payments/access.yaml');
    payments.git('merge', '--abort');
    expect((await served.status()).generation).toBe(3);
  });

  it('a branch that breaks a test, and one that deletes a team, say so before anybody merges', async () => {
    orders.branch('orders/less');
    orders.edit(ORDERS, 'scope: orders-api ledger-api audit-log', 'scope: orders-api audit-log');
    orders.commit('Checkout pays no more');
    const broken = await orders.plan('--against', 'ref:main');
    expect(broken.code).toBe(4);
    expect(broken.stdout).toContain('newly failing');
    expect(broken.stdout).toContain('checkout has orders paid');
    expect(broken.stdout).toMatch(/- Orders\/checkout +→ Payments\/ledger-api/);
    expect(broken.plan.outcome).toMatchObject({ exit_code: 4 });

    platform.branch('platform/no-analytics');
    platform.git('rm', '--quiet', '-r', 'analytics');
    platform.edit(ORDERS, '      - Analytics/reporter\n', '');
    platform.edit('payments/access.yaml', 'ledger-readers: { members: [Analytics/reporter] }', 'ledger-readers: {}');
    platform.edit('tests/access.yaml', / {2}- name: reporting reads[\s\S]*?SCOPE_NOT_ALLOWED\n/, '');
    platform.commit('No analytics any more');
    const gone = await platform.plan('--against', 'ref:main');
    expect(gone.code, gone.stderr).toBe(5);
    expect(gone.stdout).toMatch(/✗ emptied:Analytics +Site Analytics is removed/);
    expect(gone.stdout).toMatch(/- Analytics\/reporting-job +→ Orders\/orders-api/);
    expect(gone.plan.risks).toMatchObject([{ kind: 'emptied', subject: 'Analytics', approved: false }]);
  });

  it('a rename keeps tokens alive, stored ones and signed ones', async () => {
    const [signed, stored] = [
      await served.request('checkout', 'ledger-api'),
      await served.request('returns', 'ledger-api'),
    ];
    orders.branch('orders/names');
    orders.edit(ORDERS, '  checkout:\n', '  shop:\n    client_id: checkout\n');
    orders.edit(ORDERS, '  returns:\n', '  returns-desk:\n    client_id: returns\n    protected: true\n');
    orders.edit(
      ORDERS,
      /^groups:/m,
      'moved:\n  - { from: checkout, to: shop }\n  - { from: returns, to: returns-desk }\n\ngroups:',
    );
    orders.commit('Names that say what they are');
    const renamed = await orders.plan('--against', 'ref:main');
    expect(renamed.code, renamed.stdout + renamed.stderr).toBe(0);
    expect(renamed.stdout).toContain('> application checkout → shop');
    expect(renamed.plan).toMatchObject({ summary: { add: 0, delete: 0, move: 2 }, access_changes: [] });

    orders.merge('orders/names');
    const now = await served.followMain(renamed.plan.result_digest);
    expect(now.generation).toBe(4);
    for (const { body } of [signed, stored]) expect(await served.isActive(body.access_token)).toBe(true);
    expect(await served.audiences('checkout', 'ledger-api')).toEqual(['ledger-api', 'checkout']);
  });

  it('what is protected goes in two applies, and its live tokens with it', async () => {
    const { body } = await served.request('returns', 'ledger-api');
    retireReturns();
    const refused = await orders.plan('--against', 'ref:main');
    expect(refused.code, refused.stderr).toBe(5);
    expect(refused.stdout).toContain('Orders/returns-desk is protected: apply it without protected: true first');
    expect(refused.plan.risks).toMatchObject([{ kind: 'protected', approvable: false, approve: null }]);

    payments.branch('orders/unprotect');
    payments.edit(ORDERS, '    protected: true\n', '');
    payments.commit('Returns are about to go');
    const { plan } = await payments.plan('--against', 'ref:main');
    payments.merge('orders/unprotect');
    expect(await served.followMain(plan.result_digest)).toMatchObject({ generation: 5 });

    retireReturns();
    orders.merge('orders/no-returns');
    const planned = await orders.plan(...store());
    expect(planned.code).toBe(5);
    expect(planned.plan.risks).toMatchObject([{ kind: 'live-tokens', subject: 'Orders/returns-desk' }]);
    expect(await served.isActive(body.access_token)).toBe(true);
    const applied = await orders.charter('apply', '.', ...store(), '--approve', planned.plan.risks[0].approve);
    expect(applied, applied.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied generation 6') });
    expect(await served.followMain(planned.plan.result_digest)).toMatchObject({ generation: 6 });
    expect(await served.isActive(body.access_token)).toBe(false);
    expect((await served.request('returns', 'ledger-api')).status).toBe(401);
  });

  it('a branch that moves every file and renames nothing leaves access equivalent', async () => {
    platform.branch('platform/directories');
    const moves = {
      'server.yaml': 'base/the-server.yaml',
      'analytics/analytics.yaml': 'insight/all.yml',
      'orders/orders.yaml': 'shop/team.yaml',
      'payments/payments.yaml': 'money/ledger/applications.yaml',
      'payments/access.yaml': 'money/ledger/who.yaml',
      'platform/platform.yaml': 'a-platform.yaml',
      'tests/access.yaml': 'checks/who-may.yaml',
    };
    const written = platform.git('ls-files', '*.yaml', '*.yml').split('\n');
    expect(Object.keys(moves).sort()).toEqual(written);
    for (const [from, to] of Object.entries(moves)) {
      platform.write(to, '');
      platform.git('mv', '--force', from, to);
    }
    platform.commit('Other directories');
    const markdown = savedPlan('moved-files.md');
    const moved = await platform.plan('--against', 'ref:main', '--md', markdown, '--detailed-exitcode');
    expect(moved, moved.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No changes. Access equivalent.'),
    });
    expect(moved.plan).toMatchObject({
      resource_changes: [],
      access_changes: [],
      token_changes: [],
      risks: [],
      outcome: { exit_code: 0 },
    });
    expect(moved.plan.result_digest).toBe(moved.plan.base.digest);
    expect(readFileSync(markdown, 'utf8')).toContain('### Charter plan: no changes, access equivalent');

    const { generation } = await served.status();
    platform.merge('platform/directories');
    expect(await served.followMain(moved.plan.result_digest)).toMatchObject({ generation, degraded: false });
    expect(await served.audiences('checkout', 'ledger-api')).toEqual(['ledger-api', 'checkout']);
  });

  it('history tells commits and authors; a rollback is followed and its spec left alone; what mends it is applied', async () => {
    orders.branch('orders/settlement');
    orders.edit(
      'shop/team.yaml',
      '      - Platform/gateway-service\n',
      '      - Platform/gateway-service\n      - Payments/settlement\n',
    );
    orders.edit(
      'money/ledger/applications.yaml',
      'scope: ledger-api audit-log refund',
      'scope: ledger-api audit-log refund orders-api',
    );
    orders.commit('Settlement reads orders');
    const { plan } = await orders.plan('--against', 'ref:main');
    expect(await served.request('settlement-job', 'orders-api')).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
    const merged = orders.merge('orders/settlement');
    expect(await served.followMain(plan.result_digest)).toMatchObject({ generation: 7 });
    expect(await served.audiences('settlement-job', 'orders-api')).toEqual(['orders-api', 'settlement-job']);

    const { revisions } = JSON.parse((await operator.charter('history', '--json', ...store())).stdout);
    expect(
      revisions.map(({ generation, author }: { generation: number; author: string }) => [
        generation,
        author.replace(/ <.*/, ''),
      ]),
    ).toEqual([
      [7, 'Olga Orders'],
      [6, 'Olga Orders'],
      [5, 'Pat Payments'],
      [4, 'Olga Orders'],
      [3, 'Pia Platform'],
      [2, 'Pat Payments'],
      [1, 'Root'],
    ]);
    expect(revisions[0]).toMatchObject({ commit: merged });

    const back = await operator.charter('rollback', '6', ...store());
    expect(back, back.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/- Payments\/settlement-job +→ Orders\/orders-api/),
    });
    await eventually(async () => expect(await served.status()).toMatchObject({ generation: 8, degraded: true }));
    expect((await served.status()).last_reload.problems.join()).toContain('charter resume');
    expect(await served.request('settlement-job', 'orders-api')).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
    await served.server.reload();
    expect(await served.status()).toMatchObject({ generation: 8, degraded: true });

    orders.branch('orders/settlement-again');
    orders.edit(
      'shop/team.yaml',
      '      - Payments/settlement\n',
      '      - { user: Payments/settlement, expires: 2999-01-31 }\n',
    );
    orders.commit('Settlement reads orders for as long as it has to');
    const again = await orders.plan(...store());
    expect(again.stdout).toMatch(/\+ Payments\/settlement-job +→ Orders\/orders-api/);
    orders.merge('orders/settlement-again');
    expect(await served.followMain(again.plan.result_digest)).toMatchObject({ generation: 9 });
    expect(await served.audiences('settlement-job', 'orders-api')).toEqual(['orders-api', 'settlement-job']);
  });
});
