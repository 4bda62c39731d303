// Owns what a reconciler is to who starts a server: its options, verbs and answers. Never runs anything (loop.ts does).

import type { Approval } from '../model/approval.ts';
import type { ServerEntity } from '../model/entity.ts';
import type { Origins } from '../model/origin.ts';
import type { SigningKey } from '../oauth/port.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import type { ApproveAnswer, ReconcileEvent, ReconcileStatus } from './event.ts';
import type { PassPorts } from './pass.ts';
import type { Refusal } from './refusal.ts';
import type { WatchOptions } from './watch.ts';

export interface ReconcilerOptions extends Omit<PassPorts, 'digestKey' | 'lasting' | 'remember' | 'signal' | 'weigh'> {
  /** Must not throw. */
  readonly onEvent: (event: ReconcileEvent) => void;
  readonly watch?: Pick<WatchOptions, 'debounceMs' | 'pollMs' | 'lookMs'>;
  /** Characters above which a start serves what is stored while the spec is compiled. */
  readonly slowSpec?: number;
}

/**
 * How a start ended. `degraded` is why the store's last generation is served and not the spec's; `compiling` says that it is
 * served until the spec is compiled.
 */
export type Start =
  | { readonly serving: Snapshot; readonly degraded?: Refusal; readonly compiling?: true }
  | { readonly serving: undefined; readonly refusal: Refusal };

/** Opens the listeners for the issuer that will be served. */
export type Open = (server: ServerEntity) => Promise<void>;

export interface Reconciler {
  /**
   * The first pass. `open` is called once, when it is known what will be served and before anything is applied; when
   * it throws, nothing was applied. Throws that error, and Failure `store_other_issuer`. A pass that is refused for
   * another reason serves the store's last generation; where there is none, nothing. Of a large spec it does not wait for the
   * first pass: what is stored is served until then, and how that pass ends is told like a reload.
   */
  start(open: Open): Promise<Start>;
  /** The snapshot that a request that begins now is answered from; undefined before the first. */
  current(): Snapshot | undefined;
  /** Where the served entities were written. */
  origins(): Origins;
  status(): ReconcileStatus;
  /** Asks for a pass; what the watcher calls. */
  hint(): void;
  /** Makes a pass now, whatever it knows already, and waits for its end: the store was written by another process. */
  reload(): Promise<void>;
  /** Serves with these signing keys from now on; the generation stays. */
  takeKeys(keys: readonly SigningKey[]): void;
  /** Approves a risk of the plan that is held, and goes on with it when that was the last. */
  approve(approval: Approval): Promise<ApproveAnswer>;
  /** Resolves when no pass is running or asked for, and every stored verifier is up to date. */
  idle(): Promise<void>;
  close(): Promise<void>;
}
