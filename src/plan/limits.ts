// Owns how much of a plan its text tells by name before it counts. Never cuts anything itself.

/** The most that is told of each, in characters or in items. */
export interface Limits {
  /** Characters of a single value, and of one that is made of several. */
  readonly value: number;
  readonly line: number;
  /** Items of a list, members of an entity. */
  readonly members: number;
  readonly paths: number;
  /** Changes of one kind and action in one site, of one action in all, and sites. */
  readonly kind: number;
  readonly action: number;
  readonly sites: number;
  /** Access changes of one effect and sort, groups of them, and the names in such a group. */
  readonly single: number;
  readonly groups: number;
  readonly named: number;
  /** Groups in a chain. */
  readonly chain: number;
  /** Entries of a section, and what one entry is made of. */
  readonly entries: number;
  readonly items: number;
}

export const BRIEF: Limits = {
  value: 72,
  line: 200,
  members: 8,
  paths: 20,
  kind: 20,
  action: 100,
  sites: 40,
  single: 50,
  groups: 20,
  named: 3,
  chain: 4,
  entries: 20,
  items: 5,
};

export const FULL: Limits = Object.fromEntries(
  Object.keys(BRIEF).map((name) => [name, Number.POSITIVE_INFINITY]),
) as unknown as Limits;

export function limitsFor(options: { readonly full?: boolean | undefined }): Limits {
  return options.full === true ? FULL : BRIEF;
}
