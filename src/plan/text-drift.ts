// Owns how drift reads in a plan: which entities of the store are not what was applied. Never compares any.

import { count } from '../model/count.ts';
import { type Line, layOut, plainLine } from './columns.ts';
import type { Plan } from './plan.ts';
import type { KnownEntity } from './read-plan.ts';
import type { Rendered, Telling } from './telling.ts';
import { SIGNS, speakHead } from './text-change.ts';

const DONE = { create: 'added', update: 'changed', move: 'renamed', delete: 'deleted' } as const;

/** None where the store holds what was applied. */
export function renderDrift({ drift, base }: Pick<Plan<KnownEntity>, 'drift' | 'base'>, telling: Telling): Rendered {
  if (drift === undefined) return { lines: [], cut: false };
  const { style, naming, limits } = telling;
  const { changes } = drift;
  const counts = (['create', 'update', 'move', 'delete'] as const).flatMap((action) => {
    const { length } = changes.filter((change) => change.action === action);
    return length === 0 ? [] : [`${length} ${DONE[action]}`];
  });
  const since = base.kind === 'store' ? ` since generation ${base.generation}` : '';
  const shown = changes.slice(0, limits.entries);
  const lines = shown.map(
    (change): Line => ({ indent: 2, sign: SIGNS[change.action], text: speakHead(change, naming) }),
  );
  const hidden = changes.length - shown.length;
  const more = hidden > 0 ? [plainLine(`… and ${count(hidden, 'other')}`)] : [];
  const what = counts.length === 0 ? 'rows changed' : counts.join(', ');
  return {
    lines: [
      `${style.heading('Drift')}   ${what} in the store${since}, and not by Charter; applying mends it`,
      ...layOut([...lines, ...more], style),
    ],
    cut: hidden > 0,
  };
}
