// Owns the types of a plan document as code has them: those that are generated from schema/plan.schema.json, readonly.
// Never adds a member: the schema does.

import type * as generated from './plan-document.gen.ts';

type Frozen<T> = T extends object ? { readonly [Member in keyof T]: Frozen<T[Member]> } : T;

/** What plan and apply write: a plan, or why there is none. */
export type PlanDocument = Frozen<generated.PlanDocument>;
export type PlanJson = Frozen<generated.PlanJson>;
export type RefusalJson = Frozen<generated.RefusalJson>;
export type ConfigJson = Frozen<generated.ConfigJson>;
export type AppliedJson = Frozen<generated.AppliedJson>;
export type OutcomeJson = Frozen<generated.OutcomeJson>;
export type EntityJson = Frozen<generated.EntityJson>;
export type ResourceChangeJson = Frozen<generated.ResourceChangeJson>;
export type PathChangeJson = Frozen<generated.PathChangeJson>;
export type AccessChangeJson = Frozen<generated.AccessChangeJson>;
export type PermissionChangeJson = Frozen<generated.PermissionChangeJson>;
export type ReleasedChangeJson = Frozen<generated.ReleasedChangeJson>;
export type UseChangeJson = Frozen<generated.UseChangeJson>;
export type LoginChangeJson = Frozen<generated.LoginChangeJson>;
export type LinkJson = Frozen<generated.LinkJson>;
export type TokenChangeJson = Frozen<generated.TokenChangeJson>;
export type TestJson = Frozen<generated.TestJson>;
export type TestChangeJson = Frozen<generated.TestChangeJson>;
export type RiskJson = Frozen<generated.RiskJson>;
export type ImpactJson = Frozen<generated.ImpactJson>;
export type EndingJson = Frozen<generated.EndingJson>;
