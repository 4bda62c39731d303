// Owns what the constraints of policies look at in a user (SEMANTICS U-63): that an attribute has a value, or which values it
// has. Never evaluates one.

import type { UserAddress } from '../model/address.ts';
import type { PolicyItem, UserEntity } from '../model/entity.ts';
import { parsePolicyValue, valuesOfAttribute } from '../model/policy-value.ts';
import { entitiesOf } from '../model/state.ts';
import type { Compared } from './compared.ts';

/** Of all policies of both sides together. */
export interface Constrained {
  /** Attributes of which it counts whether there is a value. */
  readonly required: ReadonlySet<string>;
  /** Those of which the values count. */
  readonly compared: ReadonlySet<string>;
  /** Whether what a user is called is compared too. */
  readonly byName: boolean;
}

export function constrainedBy({ before, after }: Compared): Constrained {
  const required = new Set<string>();
  const compared = new Set<string>();
  let byName = false;
  for (const side of [before, after]) {
    for (const [, policy] of entitiesOf(side.state, 'policy')) {
      const { items = [], single_value = [] } = policy;
      for (const name of policy.required ?? []) for (const one of attributesIn(items, name)) required.add(one);
      for (const name of single_value) {
        for (const one of attributesIn(items, name)) compared.add(one);
        const alike = items.filter((item) => item.name === name);
        byName ||= alike.length > 1 && alike.some(({ value }) => isName(value));
      }
    }
  }
  return { required, compared, byName };
}

function attributesIn(items: readonly PolicyItem[], name: string): readonly string[] {
  return items.flatMap((item) => {
    const value = item.name === name ? parsePolicyValue(item.value) : undefined;
    return value?.from === 'user' ? [value.attribute] : [];
  });
}

function isName(written: string): boolean {
  const value = parsePolicyValue(written);
  return value?.from === 'method' && value.attribute === 'dn';
}

/** What constraints see of a user: the same of two users, where no constraint tells them apart. */
export function seenOf(
  { required, compared, byName }: Constrained,
  address: UserAddress,
  user: UserEntity,
): readonly unknown[] {
  return [
    [...required].map((name) => valuesOfAttribute(user, name).length > 0),
    [...compared].map((name) => valuesOfAttribute(user, name)),
    byName ? address : null,
  ];
}
