// Owns what is served and how the last pass ended: the one pointer that a request reads. Never reads a spec or a store.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { Origins } from '../model/origin.ts';
import type { SigningKey } from '../oauth/port.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { isEmptyPlan } from '../plan/plan.ts';
import type { Revision } from '../plan/port.ts';
import { withGeneration, withKeys } from './build-snapshot.ts';
import type { KeyFacts, LastPass, ReconcileEvent } from './event.ts';
import type { Achieved, Prepared } from './pass.ts';
import { diagnosticsOf, identifyRefusal, type Refusal } from './refusal.ts';

export interface Publication {
  current(): Snapshot | undefined;
  /** Where the served entities were written. */
  origins(): Origins;
  /** Milliseconds since the epoch at which this generation was published. */
  since(): number | undefined;
  lastPass(): LastPass | undefined;
  /** Why the spec is not what is served. */
  refusal(): Refusal | undefined;
  /** Serves what a pass achieved. Answers the snapshot as it is served. */
  accept(prepared: Prepared, achieved: Achieved): Snapshot;
  /**
   * Keeps what is served. The same refusal is told once: where it knows of a generation that is still to be followed, after
   * that.
   */
  refuse(refusal: Refusal): void;
  /** Serves what the store holds, because nothing better is there: at a start, or as another process applied it. */
  fallBack(snapshot: Snapshot, origins: Origins): Snapshot;
  /** Serves the same generation with the values that its secrets have now. */
  renew(snapshot: Snapshot): void;
  /** Serves the same generation with these signing keys from now on, and whatever follows it. */
  takeKeys(keys: readonly SigningKey[]): void;
  /** Takes note of a revision that only records changed secrets: the same State under a newer generation. */
  recordSecrets(revision: Revision): void;
}

export function createPublication(clock: () => number, tell: (event: ReconcileEvent) => void): Publication {
  let serving: Snapshot | undefined;
  let origins: Origins = new Map();
  let since: number | undefined;
  let lastPass: LastPass | undefined;
  let lastWarnings: ReadonlySet<string> = new Set();
  let refused: { readonly refusal: Refusal; readonly identity: string; untold: boolean } | undefined;
  let newestSecrets: Revision | undefined;
  let newestKeys: readonly SigningKey[] | undefined;

  function publish(snapshot: Snapshot): Snapshot {
    // The revision may have come between the transaction of this snapshot and now.
    const newer = newestSecrets?.digest === snapshot.digest && newestSecrets.generation > snapshot.generation;
    const renewed = newer ? withGeneration(snapshot, newestSecrets?.generation ?? snapshot.generation) : snapshot;
    // So may the keys.
    const published = newestKeys === undefined ? renewed : withKeys(renewed, newestKeys);
    if (published.generation !== serving?.generation) since = clock();
    serving = published;
    return published;
  }

  function takeWarnings(warnings: readonly Diagnostic[]): readonly Diagnostic[] {
    const named = warnings.map((warning) => ({ warning, name: nameOf(warning) }));
    const fresh = named.filter(({ name }) => !lastWarnings.has(name)).map(({ warning }) => warning);
    lastWarnings = new Set(named.map(({ name }) => name));
    return fresh;
  }

  function tellRefusal(): void {
    if (refused === undefined) return;
    refused.untold = false;
    tell({ kind: 'refused', at: clock(), refusal: refused.refusal, serving: serving?.generation });
  }

  return {
    current: () => serving,
    origins: () => origins,
    since: () => since,
    lastPass: () => lastPass,
    refusal: () => refused?.refusal,

    accept(prepared, { snapshot: achieved, plan, planned, changedSecrets }) {
      const recovered = refused !== undefined;
      const first = serving === undefined;
      const snapshot = publish(achieved);
      const warnings = [...prepared.warnings, ...planned.warnings];
      const newWarnings = takeWarnings(warnings);
      origins = prepared.declared.origins;
      refused = undefined;
      const at = clock();
      lastPass = { at, outcome: 'published', errors: 0, warnings: warnings.length };
      const news = first || !isEmptyPlan(plan) || changedSecrets.length > 0 || newWarnings.length > 0;
      if (news) {
        const beforeOrigins = planned.stored?.origins ?? new Map();
        const { files } = prepared.reading;
        const told = { snapshot, plan, beforeOrigins, afterOrigins: origins, changedSecrets, newWarnings, files };
        tell({ kind: 'published', at, ...told, recovered });
      } else if (recovered) {
        tell({ kind: 'recovered', at, snapshot });
      }
      return snapshot;
    },

    refuse(refusal) {
      const identity = identifyRefusal(refusal);
      if (refused?.identity !== identity) {
        const untold = serving !== undefined && generationOf(refusal) > serving.generation;
        refused = { refusal, identity, untold };
        lastPass = { at: clock(), outcome: 'refused', ...countsOf(refusal), refusal };
        if (!untold) tellRefusal();
        return;
      }
      // That generation was not followed in the pass before: nothing is waited for any longer.
      if (refused.untold) tellRefusal();
    },

    fallBack(snapshot, storedOrigins) {
      const isFollowing = serving !== undefined && snapshot.generation > serving.generation;
      origins = storedOrigins;
      const published = publish(snapshot);
      if (isFollowing) tell({ kind: 'followed', at: clock(), snapshot: published });
      if (refused?.untold === true) tellRefusal();
      return published;
    },

    renew: publish,

    takeKeys(keys) {
      newestKeys = keys;
      const before = serving?.keys;
      if (serving === undefined || before === undefined) return;
      publish(serving);
      const added = keys.filter(isMissingIn(before)).map(publicFacts);
      const removed = before.filter(isMissingIn(keys)).map(publicFacts);
      if (added.length + removed.length > 0) tell({ kind: 'keys', at: clock(), added, removed });
    },

    recordSecrets(revision) {
      newestSecrets = revision;
      const known = serving?.generation ?? 0;
      if (serving !== undefined) publish(serving);
      if (revision.secrets.length > 0 && revision.generation > known) {
        tell({ kind: 'secrets-recorded', at: clock(), revision });
      }
    },
  };
}

function isMissingIn(keys: readonly SigningKey[]): (key: SigningKey) => boolean {
  const kids = new Set(keys.map(({ kid }) => kid));
  return ({ kid }) => !kids.has(kid);
}

function publicFacts({ kid, alg, active_from }: SigningKey): KeyFacts {
  return { kid, alg, active_from };
}

/** The newest generation of the store that a refusal knows of; 0 where it knows none. */
function generationOf(refusal: Refusal): number {
  switch (refusal.reason) {
    case 'undone':
      return refusal.undone.generation;
    case 'overtaken':
      return refusal.generation;
    case 'tests':
    case 'risks':
      return refusal.held.plan.base.generation;
    default:
      return 0;
  }
}

/** What waits for somebody, or is left alone, is no error. */
function countsOf(refusal: Refusal): Pick<LastPass, 'errors' | 'warnings'> {
  if (refusal.reason === 'undone' || refusal.reason === 'overtaken') return { errors: 0, warnings: 0 };
  if (refusal.reason === 'tests' || refusal.reason === 'risks') {
    const { plan, warnings } = refusal.held;
    const failed = plan.tests.filter(({ outcome }) => outcome === 'failed');
    return { errors: failed.length, warnings: warnings.length };
  }
  const diagnostics = diagnosticsOf(refusal);
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length;
  return { errors: Math.max(1, diagnostics.length - warnings), warnings };
}

function nameOf({ code, range, detail }: Diagnostic): string {
  return JSON.stringify([code, range?.file, detail]);
}
