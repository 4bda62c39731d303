// Owns which written line made a change of permissions: the place that a reviewer has to look at. Never decides who has what.

import type { Place, Step } from '../access/decision.ts';
import { holdingOf } from '../access/role-closure.ts';
import { type ApplicationAddress, roleAddress, type UserAddress } from '../model/address.ts';
import { entityAt } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import type { Permitted, PermittedSide } from './permitted.ts';
import type { PermissionChange } from './plan.ts';
import { sharedPlace, sharedStep } from './shared-answer.ts';
import { entryOf, has, hasLink, hasMember, rangeAt } from './side-links.ts';

interface Sides {
  readonly client: ApplicationAddress;
  readonly user: UserAddress | undefined;
  readonly effect: PermissionChange['effect'];
  readonly holding: PermittedSide;
  readonly lacking: PermittedSide;
}

/** `now` in milliseconds since the epoch: a link that has ended by then is none. */
export function causeOfPermission(
  permitted: Permitted,
  sides: Sides,
  { before, after }: Compared,
  now: number,
): PermissionChange['cause'] {
  const place = placeOf(permitted, sides, now);
  const isEntry = /\/\d+(?:\/expires)?$/.test(place.pointer);
  // What stands in a list where an entry was is another entry.
  const isGone = sides.effect === 'revoke' && !place.isNew && (isEntry || !hasMember(after, place));
  const at = { address: place.address, pointer: place.pointer };
  const side = isGone || !has(after, place.address) ? before : after;
  return { place: at, range: rangeAt(side, at), ...(isGone ? { removed: true } : {}) };
}

/** `isNew`: it stands in the State after, though something is lost by it. */
type Found = Place & { readonly isNew?: boolean };

/** The first of what the permission rests on that the one side has not: the client, its scope, the user, a link; else why it is refused. */
function placeOf(one: Permitted, { client, user, effect, holding, lacking }: Sides, now: number): Found {
  if (!has(lacking.side, client)) return { address: client, pointer: '' };
  const scope = scopePlace(one.function, client, holding.side, lacking.side);
  if (scope !== undefined) return scope;
  if (user !== undefined && !has(lacking.side, user)) return { address: user, pointer: '' };
  if (lacking.refusal !== undefined && lacking.held.length === 0 && holding.refusal === undefined) {
    const { missing } = lacking.refusal;
    if (missing !== undefined) return { ...sharedPlace(missing, lacking.side), isNew: true };
  }
  const link = one.chain.find((step) => !hasLink(lacking.side, step, '', now));
  if (link !== undefined) return entryOf(lacking.side, link) === undefined ? link.at : endPlace(link, lacking, effect);
  const other = one.chain.find((step) => endOf(lacking.side, step) !== endOf(holding.side, step));
  if (other !== undefined) return endPlace(other, lacking, effect);
  // Nothing that it rests on is otherwise: the user acts by another method, or the client as somebody else.
  return { address: client, pointer: '' };
}

function endOf(side: ComparedSide, step: Step): string | undefined {
  return entryOf(side, step)?.link.expires;
}

/** Both sides write the link, with another end: that of the State after, where it has one. */
function endPlace(step: Step, { side }: PermittedSide, effect: PermissionChange['effect']): Found {
  const other = entryOf(side, step)?.place ?? step.at;
  const isWritten = effect === 'revoke' && endOf(side, step) !== undefined;
  return isWritten
    ? { address: other.address, pointer: `${other.pointer}/expires`, isNew: true }
    : { address: step.at.address, pointer: step.at.pointer };
}

/** Where the client's permission scope holds a function that it does not hold on the other side: the name, or what its role got. */
function scopePlace(
  name: string,
  client: ApplicationAddress,
  holding: ComparedSide,
  lacking: ComparedSide,
): Place | undefined {
  if (namesOf(name, client, lacking).length > 0) return undefined;
  const [first] = namesOf(name, client, holding);
  if (first === undefined) return undefined;
  const others = entityAt(lacking.state, 'application', lacking.own(client))?.permission_scope ?? [];
  if (!others.includes(first.name)) return { address: client, pointer: `/permission_scope/${first.position}` };
  const link = first.steps.map((step) => sharedStep(step, holding)).find((step) => !hasLink(lacking, step, '', 0));
  return link?.at;
}

/** The names of the permission scope that stand for a function, with the links of roles that lead to it. */
function namesOf(
  name: string,
  client: ApplicationAddress,
  side: ComparedSide,
): readonly { readonly name: string; readonly position: number; readonly steps: readonly Step[] }[] {
  const index = side.index();
  const scope = index.application(side.own(client))?.permission_scope ?? [];
  return scope.flatMap((named, position) => {
    const closure = index.closureOf(roleAddress(named));
    const steps =
      named === name && closure.roles.size === 0
        ? []
        : closure.functions.has(name)
          ? holdingOf(closure, name)
          : undefined;
    return steps === undefined ? [] : [{ name: named, position, steps }];
  });
}
