// Owns the gate of a client that asks for a role (SEMANTICS A-10) and, where a customer is written, for that customer.
// Never looks at groups that open the client, which are a gate of their own.

import { type ApplicationAddress, roleAddress, type UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import type { AccessIndex } from './access-index.ts';
import type { Asker } from './asker.ts';
import { coverage } from './customers.ts';
import type { Step } from './decision.ts';
import { compareWays } from './membership.ts';
import { holdingOf } from './role-closure.ts';
import { endPlace, type RoleWay, roleSteps, rolesByAnyMethod, rolesOf } from './roles.ts';
import { failed, type Verdict } from './verdict.ts';

type Requiring = ApplicationEntity & { readonly required_role: string };

/** A writing of a role that holds what is required. */
interface Holding extends RoleWay {
  readonly steps: readonly Step[];
  /** From the customer of the client up to that of the grant; undefined where that one does not count. */
  readonly covers: readonly Step[] | undefined;
}

/** Whether the user has the role or function that the client requires. `now` in milliseconds since the epoch. */
export function judgeRequiredRole(
  index: AccessIndex,
  address: ApplicationAddress,
  application: Requiring,
  asker: Asker,
  now: number,
): Verdict {
  const holdings = rolesOf(index, asker).flatMap((way) => holdingBy(index, way, application));
  const best = bestOf(holdings.filter(({ covers }) => covers !== undefined));
  if (best !== undefined && now < best.end) {
    const requires = requiring(index, address, application, best.steps.at(-1)?.to ?? best.grant.role);
    return {
      passed: true,
      steps: [...roleSteps(best), ...best.steps, ...(best.covers ?? []), requires],
      end: best.end,
    };
  }
  const requires = requiring(index, address, application, undefined);
  const list = { address: asker.user ?? address, pointer: '/roles' };
  const elsewhere = bestOf(holdings.filter(({ covers, end }) => covers === undefined && now < end));
  if (elsewhere !== undefined) {
    const there = [...roleSteps(elsewhere), ...elsewhere.steps, requires];
    return failed('CUSTOMER_NOT_COVERED', best === undefined ? list : endPlace(best), elsewhere.end, there);
  }
  return failed('ROLE_MISSING', best === undefined ? list : endPlace(best), undefined, [requires]);
}

/** What the client asks for: of a function with the role that gives it, else with the client itself. */
function requiring(
  index: AccessIndex,
  address: ApplicationAddress,
  { required_role, customer }: Requiring,
  by: Step['to'] | undefined,
): Step {
  const role = roleAddress(required_role);
  const isRole = index.closureOf(role).roles.size > 0;
  return {
    relation: 'requires',
    from: address,
    to: isRole ? role : (by ?? address),
    ...(isRole ? {} : { function: required_role }),
    ...(customer === undefined ? {} : { customer }),
    at: { address, pointer: '/required_role' },
  };
}

/** Whether a user has at any time from an instant on, by whichever method, what the client requires. */
export function mayHaveRole(index: AccessIndex, application: Requiring, user: UserAddress, now: number): boolean {
  return rolesByAnyMethod(index, user)
    .filter(({ end }) => now < end)
    .some((way) => holdingBy(index, way, application).some(({ covers }) => covers !== undefined));
}

export function requiresRole(application: ApplicationEntity): application is Requiring {
  return application.required_role !== undefined;
}

function holdingBy(index: AccessIndex, way: RoleWay, { required_role, customer }: Requiring): readonly Holding[] {
  const steps = holdingOf(index.closureOf(way.grant.role), required_role);
  if (steps === undefined) return [];
  const covers = customer === undefined ? [] : coverage(index.state, way.grant.customer, customer);
  return [{ ...way, length: way.length + steps.length + (covers?.length ?? 0), steps, covers }];
}

/** That which lasts longest, then the shortest, then the first. */
function bestOf(holdings: readonly Holding[]): Holding | undefined {
  const [first, ...others] = holdings;
  return others.reduce((best, one) => (best === undefined || compareWays(one, best) < 0 ? one : best), first);
}
