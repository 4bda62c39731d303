// Owns the sentences that are told beside a plan: what it was made of, where that limits what the plan says. Never decides
// anything.

import { count } from '../model/count.ts';
import { codeSpan } from '../spec/outputs/markdown-text.ts';
import { escapeControls } from './style.ts';

export interface Note {
  /** Whether who does not read it takes the plan for more than it is. */
  readonly isCaution: boolean;
  /** The sentence, with each name that somebody chose as `quote` makes it. */
  readonly say: (quote: (name: string) => string) => string;
}

/** As a terminal and other programs get it. */
export function noteText({ say }: Note): string {
  return say(escapeControls);
}

/** What has all that a comment has no room for, by the option that writes it: where to, each pipeline decides. */
export const WHOLE_PLAN = "the plan's JSON (`--json`)";

const MOST_SHOWN = 10;

/** Blocks that GitHub and GitLab set off, cautions first; empty where there is nothing to say. */
export function notesMarkdown(notes: readonly Note[]): string {
  const cautions = notes.filter(({ isCaution }) => isCaution);
  const others = notes.filter(({ isCaution }) => !isCaution);
  return [...alert('CAUTION', cautions), ...alert('NOTE', others)].join('\n\n');
}

function alert(kind: 'CAUTION' | 'NOTE', notes: readonly Note[]): readonly string[] {
  if (notes.length === 0) return [];
  const shown = notes.slice(0, MOST_SHOWN).map(({ say }) => say(codeSpan));
  const hidden = notes.length - shown.length;
  const more = hidden === 0 ? [] : [`… and ${count(hidden, 'more note')}: see ${WHOLE_PLAN}.`];
  return [`> [!${kind}]\n${[...shown, ...more].map((line) => `> ${line}`).join('\n>\n')}`];
}
