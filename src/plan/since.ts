// Owns how it is told what was applied to a store since a plan was made: who, when and what. Never reads a store.

import { kindOf } from '../model/address.ts';
import { formatInstant } from '../model/duration.ts';
import type { Revision } from './port.ts';
import { escapeControls } from './style.ts';

/** How many revisions are told one by one. */
export const TOLD_SINCE = 3;
/** As Git shortens a commit where it wants to be certain. */
const COMMIT_CHARACTERS = 12;

/** ` Since then: …` after a sentence; empty when nothing came. `newest` are the newest revisions, the newest first. */
export function speakSince(newest: readonly Revision[], from: number): string {
  const since = newest.filter(({ generation }) => generation > from);
  const told = since.slice(0, TOLD_SINCE).map(speakRevision);
  const [first] = since;
  if (first === undefined) return '';
  const earlier = first.generation - from - told.length;
  return ` Since then: ${told.join('; ')}${earlier > 0 ? `; and ${earlier} earlier` : ''}.`;
}

function speakRevision(revision: Revision): string {
  const { generation, appliedAt, author, commit } = revision;
  const who = author === undefined ? '' : ` by ${escapeControls(author)}`;
  const what = commit === undefined ? '' : ` from commit ${escapeControls(commit.slice(0, COMMIT_CHARACTERS))}`;
  const when = formatInstant(appliedAt);
  return `generation ${generation}, applied ${when}${who}${what}: ${speakContent(revision)}`;
}

function speakContent({ summary, secrets, rollbackTo }: Revision): string {
  const { add, change, move, delete: gone } = summary;
  const counts = [
    [add, 'to add'],
    [change, 'to change'],
    [move, 'to move'],
    [gone, 'to delete'],
  ] as const;
  const parts = counts.flatMap(([count, words]) => (count === 0 ? [] : [`${count} ${words}`]));
  if (secrets.length > 0) {
    const owners = (['application', 'user'] as const).flatMap((kind) => {
      const count = secrets.filter((address) => kindOf(address) === kind).length;
      return count === 0 ? [] : [`${count} ${kind}${count === 1 ? '' : 's'}`];
    });
    parts.push(`changed secrets of ${owners.join(' and ')}`);
  }
  if (parts.length === 0) parts.push('no changes');
  return rollbackTo === undefined ? parts.join(', ') : `a rollback to ${rollbackTo}, ${parts.join(', ')}`;
}
