// Owns who asks, as an application is judged by it: the method, the groups that count, and the user behind the client.
// Never judges.

import { type ApplicationAddress, type GroupAddress, methodAddress, type UserAddress } from '../model/address.ts';
import type { Networks } from '../model/network.ts';
import type { Step } from './decision.ts';
import type { Membership } from './membership.ts';

export interface Asker {
  readonly client: ApplicationAddress;
  readonly grant_type: string;
  /** The method that serves the grant. */
  readonly method: string;
  /** The impersonated user, or the one who lets the client act; undefined when the client acts as itself. */
  readonly user: UserAddress | undefined;
  /** The groups of the user; undefined where there is none. */
  readonly groups: ReadonlyMap<GroupAddress, Membership> | undefined;
  /** Links that every audience of this asker rests on (the impersonation, the user's method). */
  readonly prefix: readonly Step[];
  /** From where the client may ask, as far as that is not known to hold (`AudienceAnswer.networks`). */
  readonly networks: readonly Networks[];
  /** When the first of the client, its user and that link ends; infinite where none does. */
  readonly end: number;
}

/** The link by which an entity lists a method. */
export function methodStep(from: Step['from'], method: string, position: number): Step {
  return {
    relation: 'has_method',
    from,
    to: methodAddress(method),
    at: { address: from, pointer: `/methods/${position}` },
  };
}
