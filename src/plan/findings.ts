// Owns what of a plan outputs for machines tell, each with its place in the files as they are now. Never renders one.

import type { Address } from '../model/address.ts';
import { qualifiedName } from '../model/address.ts';
import { formatApproval } from '../model/approval.ts';
import { canonicalJson } from '../model/digest.ts';
import type { SourceRange } from '../model/origin.ts';
import type { Finding } from '../spec/outputs/findings.ts';
import { speakLoss, speakTarget, speakUsers, speakVia } from './access-words.ts';
import { approvalOf } from './approving.ts';
import { PLAN_CODES, type PlanCode } from './finding-codes.ts';
import { targetOf, userOf } from './holding.ts';
import { type Naming, namingOf, speakEntity } from './naming.ts';
import { speakPermissionChange } from './permitted-words.ts';
import type {
  AccessChange,
  Drift,
  PermissionChange,
  Plan,
  ReleasedChange,
  Risk,
  TestResult,
  UseChange,
} from './plan.ts';
import { presentCause, presentRange } from './present.ts';
import { speakRelease } from './released-words.ts';
import type { Places } from './text-changes.ts';
import { speakUse } from './uses-words.ts';

const MOST_ITEMS = 20;

/**
 * The gravest first: risks, failed tests, drift, what of access changes, gains before losses, of what policies
 * release, of resources, and of permissions.
 */
export function planFindings(plan: Plan, places: Places): readonly Finding[] {
  const naming = namingOf(plan);
  const risks = (approved: boolean) => plan.risks.filter((risk) => (risk.approved !== undefined) === approved);
  const access = (effect: AccessChange['effect']) => plan.access.filter((change) => change.effect === effect);
  const released = (gone: boolean) => plan.released.filter(({ effect }) => (effect === 'remove') === gone);
  const uses = (effect: UseChange['effect']) => (plan.uses ?? []).filter((change) => change.effect === effect);
  const permissions = (effect: PermissionChange['effect']) => plan.permissions.filter((one) => one.effect === effect);
  return [
    ...risks(false).map((risk) => riskFinding(risk, plan, places, naming)),
    ...plan.tests.filter(({ outcome }) => outcome === 'failed').map(testFinding),
    ...(plan.drift === undefined ? [] : driftFindings(plan.drift, places, naming)),
    ...risks(true).map((risk) => riskFinding(risk, plan, places, naming)),
    ...[...access('grant'), ...access('revoke')].map((change) => accessFinding(change, places, naming)),
    ...released(false).map((change) => releasedFinding(change, places, naming)),
    ...released(true).map((change) => releasedFinding(change, places, naming)),
    ...[...uses('grant'), ...uses('revoke')].map((change) => useFinding(change, places, naming)),
    ...[...permissions('grant'), ...permissions('revoke')].map((one) => permissionFinding(one, places, naming)),
  ];
}

type Told = Pick<Finding, 'detail' | 'help' | 'address'> & { readonly range: SourceRange | undefined };

function finding(code: PlanCode, identity: unknown, { range, ...told }: Told): Finding {
  const { severity, summary } = PLAN_CODES[code];
  return {
    severity,
    code,
    summary,
    ...told,
    ...(range === undefined ? {} : { range }),
    identity: canonicalJson(identity),
  };
}

/** One that is approved is told, and stops nothing. */
export function riskFinding(risk: Risk, plan: Plan, places: Places, naming: Naming): Finding {
  const { kind, subject, items, approved } = risk;
  const about = items.find(({ address }) => address !== undefined)?.address;
  const told = finding(`risk.${kind}`, [subject], {
    detail: risk.summary,
    help: [...itemLines(risk, naming), approvalLine(risk)].join('\n'),
    ...(about === undefined ? {} : { address: about }),
    range: rangeOfRisk(risk, about, plan, places),
  });
  return approved === undefined ? told : { ...told, severity: 'note' };
}

function itemLines({ items }: Risk, naming: Naming): readonly string[] {
  const shown = items.slice(0, MOST_ITEMS).map(({ address, text }) => {
    return address === undefined ? text : `${naming.name(address)}: ${text}`;
  });
  const hidden = items.length - shown.length;
  return hidden > 0 ? [...shown, `… and ${hidden} more`] : shown;
}

function approvalLine(risk: Risk): string {
  if (!risk.approvable) return 'No approval lifts this.';
  const line = formatApproval(approvalOf(risk));
  return risk.approved === undefined ? `To approve it: --approve ${line}` : `Approved: ${line}`;
}

/** Who was let in stands at the link that does it; what else is risked at the entity, its site, or the server's member. */
function rangeOfRisk(
  { kind, subject }: Risk,
  about: Address | undefined,
  { access }: Plan,
  places: Places,
): SourceRange | undefined {
  const grant =
    kind === 'restricted' &&
    access.find((change) => {
      const { effect, audience, client, held } = change;
      return (
        effect === 'grant' && audience !== undefined && client === about && qualifiedName(held.application) === subject
      );
    });
  if (grant) return presentCause(grant, places.afterOrigins);
  if (about !== undefined) return presentRange({ address: about, pointer: '' }, places.afterOrigins);
  const pointer = kind === 'issuer' ? '/issuer' : kind === 'keys' ? '/tokens' : '';
  return presentRange({ address: 'server', pointer }, places.afterOrigins);
}

/** Of a test that failed. */
export function testFinding({ name, range, before, problems }: Omit<TestResult, 'outcome'>): Finding {
  const since = { passed: 'It passes today.', failed: 'It fails today as well.', absent: '' }[before];
  const help = [...problems, ...(since === '' ? [] : [since])].join('\n');
  return finding('test.failed', [name], { detail: name, range, ...(help === '' ? {} : { help }) });
}

function driftFindings({ changes }: Drift, places: Places, naming: Naming): readonly Finding[] {
  return changes.map(({ action, address }) => {
    const found = { create: 'was added', update: 'was changed', move: 'was renamed', delete: 'was deleted' }[action];
    return finding('store.drifted', [address], {
      detail: `${speakEntity(address, naming)} ${found} in the store by something else than Charter`,
      address,
      range: presentRange({ address, pointer: '' }, places.afterOrigins),
    });
  });
}

function accessFinding(change: AccessChange, places: Places, naming: Naming): Finding {
  const { effect, client, client_id, audience, scope, held, users, otherwise } = change;
  const target = speakTarget(targetOf(change), naming);
  const isGrant = effect === 'grant';
  const who = users === undefined ? naming.name(client) : speakUsers(users, naming);
  const detail = isGrant
    ? `${who} ${otherwise === undefined ? 'gains' : 'holds longer'} ${target} ${speakVia(change, naming)}`
    : `${who} loses ${target}: ${speakLoss(change, naming)}`;
  // As whom counts: a client may lose and gain the same thing as two users, and several users through it.
  const as = users === undefined ? (userOf(held.chain) ?? null) : [users.through ?? null, users.users];
  const identity = [client, client_id, audience ?? null, scope ?? null, held.application, as];
  return finding(isGrant ? 'access.granted' : 'access.revoked', identity, {
    detail,
    address: client,
    range: presentCause(change, places.afterOrigins),
  });
}

function permissionFinding(change: PermissionChange, { afterOrigins }: Places, naming: Naming): Finding {
  const { effect, client, functions, customer, users, as, role, cause } = change;
  const { address, pointer } = cause.place;
  const who = users === undefined ? (as ?? null) : [users.through ?? null, users.users];
  return finding(
    effect === 'grant' ? 'permission.granted' : 'permission.revoked',
    [client, functions, customer ?? null, role, who],
    {
      detail: speakPermissionChange(change, naming),
      address: client,
      range: presentRange(
        { address, pointer: cause.removed === true ? pointer.replace(/\/\d+$/, '') : pointer },
        afterOrigins,
      ),
    },
  );
}

function releasedFinding(change: ReleasedChange, { afterOrigins }: Places, naming: Naming): Finding {
  const { effect, application, name, through, users, cause } = change;
  const { address, pointer } = cause.place;
  const isGone = cause.removed === true;
  return finding(
    effect === 'remove' ? 'claim.withheld' : 'claim.released',
    [application, name, through ?? null, users],
    {
      detail: speakRelease(change, naming),
      address: application,
      range: presentRange({ address, pointer: isGone ? pointer.replace(/\/\d+$/, '') : pointer }, afterOrigins),
    },
  );
}

function useFinding(change: UseChange, { afterOrigins }: Places, naming: Naming): Finding {
  const { effect, resource, client, as, users, cause } = change;
  const { address, pointer } = cause.place;
  const isGone = cause.removed === true;
  const verb = effect === 'grant' ? 'gets through to' : 'no longer gets through to';
  return finding(
    effect === 'grant' ? 'resource.opened' : 'resource.closed',
    [resource, client, as ?? null, users === undefined ? null : [users.through ?? null, users.users]],
    {
      detail: `${naming.name(client)} ${verb} ${speakTarget(resource, naming)}, ${speakUse(change, naming)}`,
      address: resource,
      range: presentRange({ address, pointer: isGone ? pointer.replace(/\/\d+$/, '') : pointer }, afterOrigins),
    },
  );
}
