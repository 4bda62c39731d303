// Owns what every section of a plan's text is told with, and what it gives. Never tells anything itself.

import type { Limits } from './limits.ts';
import type { Naming } from './naming.ts';
import type { Style } from './style.ts';
import type { Places } from './text-changes.ts';

export interface Telling {
  readonly places: Places;
  readonly naming: Naming;
  readonly style: Style;
  readonly limits: Limits;
}

export interface Rendered {
  readonly lines: readonly string[];
  /** Whether something is told by its number only. */
  readonly cut: boolean;
}
